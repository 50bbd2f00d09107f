"""Which of a list of key sequences somebody has pressed. Pure.

Both ways are fed key by key; sequences hold 0-9 A-D * #. ``patience`` is for how many seconds no
key may come before ``timeout`` must be called.
"""


class LongestMatcher:
    """The longest that fits.

    A sequence that is the beginning of a longer one counts only once the longer one can no longer
    come: another key broke it, or no key came in time.
    """

    patience = 2.0

    def __init__(self, sequences: tuple[str, ...]) -> None:
        self._sequences = frozenset(sequences)
        self._prefixes = {s[:end] for s in sequences for end in range(1, len(s))}
        self._pressed = ""  # the longest run of the last keys that begins a sequence

    @property
    def waiting(self) -> bool:
        """Whether ``timeout`` must be called."""
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


class SuffixMatcher:
    """The first of the list that the last keys are, as soon as they are; they stay in play."""

    patience = 3.0

    def __init__(self, sequences: tuple[str, ...]) -> None:
        self._sequences = sequences
        self._longest = max(map(len, sequences), default=0)
        self._pressed = ""

    @property
    def waiting(self) -> bool:
        """Whether ``timeout`` must be called."""
        return bool(self._pressed)

    def press(self, key: str) -> tuple[str, ...]:
        """The sequence that this key completes."""
        self._pressed = (self._pressed + key)[-self._longest :] if self._longest else ""
        return tuple(s for s in self._sequences if self._pressed.endswith(s))[:1]

    def timeout(self) -> tuple[str, ...]:
        """No key came: what has been pressed does not count together with what comes."""
        self._pressed = ""
        return ()


def _tails(keys: str) -> list[str]:
    return [keys[start:] for start in range(len(keys))]
