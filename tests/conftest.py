"""Every test runs as the daemon does: gevent's versions of the blocking calls, from the start."""

from gevent import monkey

monkey.patch_all()
