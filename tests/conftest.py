"""Every test runs as the daemon does: gevent's versions of the blocking calls, from the start.

Time is virtual (support/virtual_time.py), save for tests marked ``real_time`` and those in folders
whose work other processes do.
"""

from gevent import monkey

from support import virtual_time

virtual_time.install()
monkey.patch_all()

import pytest  # noqa: E402

REAL_TIME_FOLDERS = {"live"}


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.parent.name in REAL_TIME_FOLDERS:
            item.add_marker(pytest.mark.real_time)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    """Before any fixture, so that one of a module starts in the time of its tests."""
    virtual_time.switch(item.get_closest_marker("real_time") is None)
