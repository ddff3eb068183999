"""Commands to a running sandbox, over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable

import httpx

from app.sandbox.settings import SandboxSettings

#: A page of some other site cannot set it, so that no page can make the sandbox do things.
HEADER = {"X-Okaeri-Sandbox": "1"}


def follow_forward(settings: SandboxSettings, text: str, say: Callable[[str], None]) -> bool:
    """Move the running sandbox ahead and tell every step; True when it arrived."""
    url = settings.url.rstrip("/") + "/_sandbox/forward"
    ended = False
    with httpx.stream(
        "POST", url, json={"by": text}, headers=HEADER, timeout=httpx.Timeout(None, connect=5)
    ) as answer:
        for line in answer.iter_lines():
            told = json.loads(line)
            ended = _tell(told, say)
    return ended


def _tell(told: dict[str, object], say: Callable[[str], None]) -> bool:
    if "error" in told:
        say(str(told["error"]))
        return False
    if "moment" in told:
        events = told["events"]
        happened = "; ".join(events) if isinstance(events, list) else ""
        say(f"{told['moment']}  {told['seconds']} s  {happened}".rstrip())
        return False
    stuck = told.get("stuck")
    for reason in stuck if isinstance(stuck, list) else []:
        say(f"stuck: {reason}")
    say(f"It is {told['now']} now.")
    return told["state"] == "done"
