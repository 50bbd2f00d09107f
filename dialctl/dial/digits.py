"""Which of a list of key sequences somebody has pressed: the longest that fits. Pure.

A sequence that is the beginning of a longer one counts only once the longer one can no longer
come: another key broke it, or no key came for INTERDIGIT_SECONDS.
"""

INTERDIGIT_SECONDS = 2.0


class DigitMatcher:
    """Fed key by key; sequences hold 0-9 A-D * #."""

    def __init__(self, sequences: tuple[str, ...]) -> None:
        self._sequences = frozenset(sequences)
        self._prefixes = {s[:end] for s in sequences for end in range(1, len(s))}
        self._pressed = ""  # the longest run of the last keys that begins a sequence

    @property
    def waiting(self) -> bool:
        """Whether ``timeout`` must be called if no key comes for INTERDIGIT_SECONDS."""
        return bool(self._pressed)

    def press(self, key: str) -> tuple[str, ...]:
        """The sequences that this key completes or, by ending a longer hope, settles."""
        pressed = self._pressed + key
        settled = () if self._goes_on(pressed) else self._match(self._pressed)
        if settled:
            pressed = key
        self._pressed = next((tail for tail in _tails(pressed) if self._goes_on(tail)), "")
        if self._pressed in self._sequences and self._pressed not in self._prefixes:
            settled, self._pressed = (*settled, self._pressed), ""
        return settled

    def timeout(self) -> tuple[str, ...]:
        """No key came: what has been pressed counts as it stands."""
        pressed, self._pressed = self._pressed, ""
        return self._match(pressed)

    def _match(self, keys: str) -> tuple[str, ...]:
        return next(((tail,) for tail in _tails(keys) if tail in self._sequences), ())

    def _goes_on(self, keys: str) -> bool:
        return keys in self._sequences or keys in self._prefixes


def _tails(keys: str) -> list[str]:
    return [keys[start:] for start in range(len(keys))]
