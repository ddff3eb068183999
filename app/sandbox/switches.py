"""What a person may switch in this world: calm delivery, held webhooks, a broken mail server."""

from __future__ import annotations

from typing import Any

from app.sandbox.running import Sandbox
from app.sandbox.store import Refused, Work

ALLOWED: dict[str, tuple[Any, ...]] = {
    "calm": (False, True),
    "hold_webhooks": (False, True),
    "smtp": ("ok", "down", "reject"),
    "throttle": (False, True),
}


def switches(sandbox: Sandbox) -> dict[str, Any]:
    """Every switch as it stands."""
    with sandbox.work() as work:
        return read_switches(sandbox, work)


def read_switches(sandbox: Sandbox, work: Work) -> dict[str, Any]:
    """Every switch as it stands, inside a transaction."""
    standing = {name: allowed[0] for name, allowed in ALLOWED.items()}
    standing["calm"] = sandbox.settings.calm
    standing.update({one["name"]: one["value"] for one in work.find("switch", "")})
    return standing


def set_switch(sandbox: Sandbox, name: str, value: Any) -> None:
    """Set one; Refused for a name or value that means nothing."""
    if value not in ALLOWED.get(name, ()):
        raise Refused(f"The switch {name} cannot be {value}.")
    with sandbox.work() as work:
        work.put("switch", "", name, {"name": name, "value": value})
    sandbox.wake.set()
