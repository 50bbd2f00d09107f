"""What a web application shall be asked in a call, written down by what happened to the call.

A row is one request: its path, method and the whole of its parameters. A value is a text, or a
matcher: ``Form`` (a regular expression), ``OneOf``, or ``Same`` (whatever stands there first must
stand in all other places of that name, and belongs to no other name).
"""

import re
from dataclasses import dataclass, field
from itertools import zip_longest


@dataclass(frozen=True)
class Form:
    pattern: str

    def fits(self, value, _bound):
        return re.fullmatch(self.pattern, value) is not None

    def __repr__(self):
        return f"/{self.pattern}/"


@dataclass(frozen=True)
class OneOf:
    values: tuple

    def fits(self, value, _bound):
        return value in self.values

    def __repr__(self):
        return " or ".join(map(repr, self.values))


@dataclass(frozen=True)
class Same:
    name: str
    pattern: str

    def fits(self, value, bound):
        if not re.fullmatch(self.pattern, value):
            return False
        others = {other for name, other in bound.items() if name != self.name}
        return value not in others and bound.setdefault(self.name, value) == value

    def __repr__(self):
        return f"<{self.name}>"


UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
STAMP = Form(r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d")
PRECISE_STAMP = Form(r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}")
ANY = Form(r"(?s).*")
COST = "0.00000"


def one_of(*values):
    return OneOf(values)


def leg_uuid(position):
    return Same(f"b{position}", UUID)


@dataclass(frozen=True)
class Row:
    path: str
    params: dict
    optional: dict = field(default_factory=dict)  # may be there; if so, like this
    method: str = "POST"
    foreign: tuple = ()  # names of parameters that the URL brought, in its own order

    def __str__(self):
        return _line(self.method, self.path, self.params)

    def differences(self, request, bound):
        """What is wrong with the request, a line each."""
        found = []
        if (request.method, request.path) != (self.method, self.path):
            found.append(f"wanted {self.method} {self.path}")
        got = request.params
        event = self.params.get("Event", "")
        if got.get("Event", "") != event:
            return [*found, f"Event is {got.get('Event')!r}, wanted {event!r}"]
        for name, wanted in self.params.items():
            if name not in got:
                found.append(f"{name} is missing, wanted {wanted!r}")
            elif not _fits(wanted, got[name], bound):
                found.append(f"{name} is {got[name]!r}, wanted {wanted!r}")
        for name in got.keys() - self.params.keys():
            if name not in self.optional:
                found.append(f"{name}={got[name]!r} should not be there")
            elif not _fits(self.optional[name], got[name], bound):
                found.append(f"{name} is {got[name]!r}, wanted {self.optional[name]!r} or nothing")
        names = [name for name, _ in request.pairs if name not in self.foreign]
        if names != sorted(names, key=str.encode):
            found.append(f"parameters are not in byte order: {names}")
        return found


def _fits(wanted, value, bound):
    return wanted == value if isinstance(wanted, str) else wanted.fits(value, bound)


def _line(method, path, params):
    words = [params.get(name, "") for name in ("Event", "DialStatus", "DialBLegHangupCause")]
    words += [params.get("DialBLegPosition", ""), params.get("HangupCauseName", "")]
    told = " ".join(word if isinstance(word, str) else repr(word) for word in words if word)
    return f"{method} {path} {told}"


def _arranged(rows, requests):
    """Rows whose order is open (a tuple of them), in the order in which their requests came."""
    arranged = []
    for row in rows:
        if isinstance(row, Row):
            arranged.append(row)
            continue
        left = list(row)
        for request in requests[len(arranged) : len(arranged) + len(row)]:
            likest = min(left, key=lambda one: len(one.differences(request, {})))
            left.remove(likest)
            arranged.append(likest)
        arranged += left
    return arranged


def compare(rows, requests):
    """'' when these requests are those rows; else both sequences side by side and what differs."""
    bound = {}
    rows = _arranged(rows, requests)
    differences = [
        row.differences(request, bound) for row, request in zip(rows, requests, strict=False)
    ]
    if len(rows) == len(requests) and not any(differences):
        return ""
    left = [str(row) for row in rows]
    right = [_line(request.method, request.path, request.params) for request in requests]
    wide = max(map(len, ["wanted", *left]))
    table = [f"     {'wanted':{wide}}   came"]
    for number, (row, request) in enumerate(zip_longest(left, right, fillvalue="-"), 1):
        same = number <= len(differences) and not differences[number - 1]
        table.append(f"{' ' if same else '!'} {number:2} {row:{wide}}   {request}")
    details = [f"{number}: {line}" for number, lines in enumerate(differences, 1) for line in lines]
    return "\n".join(["the application was asked something else", *table, *details])
