"""What a provider's HTTP answer means for the message. The same for all of them but for two
things: whether its key makes a second try safe, and what it says of an address."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

import httpx

from app.channels.base import InDoubt, Unavailable
from app.core.clock import machine_now
from app.core.errors import GiveUp, TryLater

TIMEOUT = httpx.Timeout(connect=5.0, write=5.0, read=10.0, pool=5.0)
#: A wrong key stays wrong until somebody corrects it: no need to ask every few seconds.
WRONG_KEY_S = 300.0


def post(
    http: httpx.Client, url: str, *, headers: dict[str, str], json: object, idempotent: bool
) -> httpx.Response:
    """Hand over one request. A line that breaks before anything was handed over is a certain "not
    sent"; after that nobody knows, unless the provider tells a repeated key from a new one."""
    try:
        return http.post(url, headers=headers, json=json, timeout=TIMEOUT)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise Unavailable(f"The provider cannot be reached: {_why(error)}") from error
    except httpx.HTTPError as error:
        if idempotent:
            raise Unavailable(f"The provider did not answer: {_why(error)}") from error
        raise InDoubt(f"The provider did not answer: {_why(error)}") from error


def judge(response: httpx.Response, said: str, *, idempotent: bool) -> None:
    """Raise what an answer other than a success means; return on success."""
    status = response.status_code
    words = f"{status} {said}".strip()[:300]
    if status < 300:
        return
    if status in (401, 403):
        raise Unavailable(words, WRONG_KEY_S)
    if status == 429 or status == 503:
        # Turned away at the door: certainly not taken.
        raise Unavailable(words, retry_after(response.headers.get("Retry-After")))
    if status >= 500 or status == 408:
        if idempotent:
            raise TryLater(words, retry_after(response.headers.get("Retry-After")))
        raise InDoubt(words)
    raise GiveUp(words)


def retry_after(value: str | None) -> float | None:
    """Seconds to wait from a Retry-After header: a number or a date; None without one."""
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(value) - machine_now()).total_seconds())
    except (TypeError, ValueError):
        return None


def json_of(response: httpx.Response) -> dict[str, object]:
    """The answer as an object; empty when it is something else."""
    try:
        found = response.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _why(error: Exception) -> str:
    return str(error) or type(error).__name__
