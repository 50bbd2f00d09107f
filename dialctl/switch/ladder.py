"""A call drawn as a ladder: a column for each party, time running down. Pure text."""

from dataclasses import dataclass, field

TIME_WIDTH = 8
GAP = 2


@dataclass(slots=True)
class Ladder:
    """``lanes`` are the columns from left to right; the last one is as wide as its words."""

    lanes: list[str]
    width: int = 19  # characters of a column
    _rows: list[tuple[float, str, str]] = field(default_factory=list)

    def add(self, seconds: float, lane: str, text: str) -> None:
        """Something happened there; a lane that is new gets a column before the last one."""
        if lane not in self.lanes:
            self.lanes.insert(len(self.lanes) - 1, lane)
        self._rows.append((seconds, lane, text))

    def render(self) -> str:
        """The whole drawing, in the order of time."""
        lines = [self._line("seconds", dict(zip(self.lanes, self.lanes, strict=True)))]
        lines.append(self._line("-" * 7, dict.fromkeys(self.lanes, "-" * (self.width - GAP))))
        for seconds, lane, text in sorted(self._rows, key=lambda row: row[0]):
            lines.append(self._line(f"{seconds:7.2f}", {lane: text}))
        return "\n".join(lines)

    def _line(self, time: str, cells: dict[str, str]) -> str:
        columns = [f"{time:<{TIME_WIDTH}}"]
        for lane in self.lanes:
            text = cells.get(lane, "")
            # A long word may run into the next columns, which are empty on its line.
            columns.append(f"{text:<{self.width}}")
        return " ".join(columns).rstrip()
