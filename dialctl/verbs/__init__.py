"""How the steps of a plan are carried out on a call: one file each.

A file here has ``STEP``, the kind of step it carries out, and ``run(call, step)``, which returns
what comes next: nothing (the next step), another document, or the end of the call. ``call`` is
dialctl.call.Call; CallGone is raised through ``run`` when the caller hangs up.

``resume(call, step)``, if it has one, goes on with a step that an earlier controller had begun and
that the switch has carried on by itself since. Without one the step has been carried out.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from dialctl.plan import Next, Step

Run = Callable[[Any, Any], Next]


def load() -> Mapping[type[Step], Run]:
    """Every file of this folder, by the step that it carries out."""
    return {module.STEP: module.run for module in _modules()}


def resumes() -> Mapping[type[Step], Run]:
    """The same, of how each step is gone on with."""
    return {module.STEP: getattr(module, "resume", _done) for module in _modules()}


def times(call: Any, loop: int, heard: int = 0) -> Iterator[int]:
    """Count up to ``loop``, for ever if it is 0; the next controller goes on counting.

    ``heard``: how often it was heard on earlier ones.
    """
    while not loop or heard < loop:
        heard += 1
        call.hears(heard)
        yield heard


def _done(call: Any, step: Any) -> Next:
    return None


def _modules() -> list[Any]:
    return [
        importlib.import_module(f"{__name__}.{module.name}")
        for module in pkgutil.iter_modules(__path__)
    ]
