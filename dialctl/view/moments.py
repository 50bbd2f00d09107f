"""Times as a story's JSON has them, and as people read them. Pure."""

from datetime import UTC, datetime


def seconds(moment: str | None) -> float:
    """Since 1970; 0 for never. Raises ValueError."""
    return datetime.fromisoformat(moment).timestamp() if moment else 0.0


def clock(moment: str | None) -> str:
    """``12:00:01``, in UTC; '' for never."""
    return moment[11:19] if moment else ""


def lasted(length: float) -> str:
    """``0:07``, ``1:02:03``."""
    minutes, rest = divmod(max(0, int(length)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def day(moment: str | None) -> str:
    """``2026-01-31 12:00:01 UTC``."""
    return f"{moment[:10]} {moment[11:19]} UTC" if moment else ""


def iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"
