"""How the steps of a plan are carried out on a call: one file each.

A file here has ``STEP``, the kind of step it carries out, and ``run(call, step)``, which returns
what comes next: nothing (the next step), another document, or the end of the call. ``call`` is
dialctl.call.Call; CallGone is raised through ``run`` when the caller hangs up.
"""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from typing import Any

from dialctl.plan import Next, Step

Run = Callable[[Any, Any], Next]


def load() -> Mapping[type[Step], Run]:
    """Every file of this folder, by the step that it carries out."""
    modules = [
        importlib.import_module(f"{__name__}.{module.name}")
        for module in pkgutil.iter_modules(__path__)
    ]
    return {module.STEP: module.run for module in modules}
