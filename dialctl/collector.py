"""Keys that make up an answer: when it is complete, and whether it may count. Pure."""


class Collector:
    """Fed key by key until ``complete``."""

    def __init__(self, finish_on: str, max_digits: int, valid: str, least: int) -> None:
        self._finish_on = finish_on
        self._max_digits = max_digits
        self._valid = valid
        self._least = least
        self.digits = ""
        self.complete = False

    def press(self, key: str) -> None:
        if key in self._finish_on:
            self.complete = True
            return
        self.digits += key
        self.complete = len(self.digits) >= self._max_digits

    @property
    def valid(self) -> bool:
        return len(self.digits) >= self._least and all(key in self._valid for key in self.digits)
