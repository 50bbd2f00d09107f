"""A request with its URL's quick retries: as many attempts, and pauses, as its plan allows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from dialctl.clock import Clock
from dialctl.http.client import Answer, Client, RequestFailed
from dialctl.http.encoding import Encoding, Params
from dialctl.http.retry import RequestPlan


@dataclass(frozen=True, slots=True)
class Told:
    """What came of a request, at last. ``seconds`` is how long it all took."""

    result: Answer | RequestFailed
    attempts: int = 0
    seconds: float = 0.0

    @property
    def effort(self) -> str:
        return f"attempts {self.attempts}, {self.seconds:.2f} s"


def policy(result: Answer | RequestFailed) -> str:
    """The retry policy's word for what came of an attempt; '' is never retried."""
    return result.policy


def request(
    client: Client,
    clock: Clock,
    plan: RequestPlan,
    method: str,
    params: Params,
    auth_token: str = "",
    headers: Mapping[str, str] | None = None,
    word: Callable[[Answer | RequestFailed], str] = policy,
    failed: Callable[[], None] = lambda: None,
    encoding: Encoding = Encoding.FORM,
) -> Told:
    """Make it. ``failed`` is called after each attempt that is followed by another one."""
    began = clock.now()
    attempts = 0
    pause: float | None = 0.0
    while pause is not None:
        if pause:
            clock.sleep(pause)
        elapsed = clock.now() - began
        result = client.attempt(plan, method, params, auth_token, elapsed, headers, encoding)
        attempts += 1
        elapsed = clock.now() - began
        pause = plan.pause_after(word(result), attempts, elapsed)
        if pause is not None:
            failed()
    return Told(result, attempts, elapsed)
