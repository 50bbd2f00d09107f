"""What a checkup finds. Pure."""

import enum
from dataclasses import dataclass


class Kind(enum.Enum):
    OK = "ok"
    WRONG = "WRONG"
    UNKNOWN = "?"


@dataclass(frozen=True, slots=True)
class Finding:
    kind: Kind
    what: str
    remedy: str = ""

    @property
    def is_wrong(self) -> bool:
        return self.kind is Kind.WRONG

    def __str__(self) -> str:
        remedy = f"\n      {self.remedy}" if self.remedy else ""
        return f"{self.kind.value:<5} {self.what}{remedy}"


def ok(what: str) -> Finding:
    return Finding(Kind.OK, what)


def wrong(what: str, remedy: str) -> Finding:
    return Finding(Kind.WRONG, what, remedy)


def unknown(what: str) -> Finding:
    return Finding(Kind.UNKNOWN, what)
