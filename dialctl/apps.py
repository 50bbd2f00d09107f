"""Whose call it is: the app that a called number, or the dialplan, chooses."""

import fnmatch
import re
from collections.abc import Sequence
from functools import cache

from dialctl.settings import App

# What makes a pattern a regular expression. A shell glob has no use for any of these.
_REGEX = re.compile(r"[\^$\\(\[|]|\.[*+]")

_EVERYTHING = re.compile(r"\*+|\^?\(?\.[*+]\)?\$?|\^|\$")


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """The pattern as an expression to be searched for; ``re.error`` when it is none.

    A regular expression is searched anywhere in the number, as FreeSWITCH's dialplan does; a
    glob has to match the whole number.
    """
    if _REGEX.search(pattern):
        return re.compile(pattern)
    return re.compile(r"\A" + fnmatch.translate(pattern))


def matches(patterns: tuple[str, ...], number: str) -> bool:
    """Whether one of the patterns serves this called number; no pattern serves every number."""
    return not patterns or any(compiled(pattern).search(number) for pattern in patterns)


def matches_everything(patterns: tuple[str, ...]) -> bool:
    """Whether the patterns plainly serve every number: none at all, ``*``, ``.*`` and the like."""
    return not patterns or any(_EVERYTHING.fullmatch(pattern) for pattern in patterns)


def choose(apps: Sequence[App], number: str, named: str) -> App | None:
    """The app of a call to ``number``. ``named``, the channel variable dialctl_app, wins outright.

    A name that no app has chooses nothing: the dialplan meant an app, and a guess would hand
    the call to another customer.
    """
    if named:
        return next((app for app in apps if app.name == named), None)
    return next((app for app in apps if matches(app.match, number)), None)
