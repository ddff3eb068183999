"""Small definitions of a test's own, and runs of them."""

from __future__ import annotations

from app.journeys import service
from app.journeys.model import JourneyRun
from tests.journeys.world import World

HEAD = """
key = "{key}"
position = 90
per = "{per}"
starts = "{starts}"
name = {{ ja = "試し", en = "Trial" }}
description = {{ ja = "試し", en = "Trial" }}
{more}
"""


def text(
    steps: str, *, key: str = "trial", per: str = "order", starts: str = "ordered", more: str = ""
) -> str:
    """A definition file."""
    return HEAD.format(key=key, per=per, starts=starts, more=more) + steps


def send(key: str, anchor: str, offset: str, more: str = "") -> str:
    """A step that sends the check-in."""
    return (
        f'[[steps]]\nkey = "{key}"\nmessage = "check-in"\nanchor = "{anchor}"\n'
        f'offset = "{offset}"\n{more}\n'
    )


def begin(world: World, body: str) -> None:
    """Bring a journey in as a file and switch it on."""
    with world.shop.work() as session:
        service.switch_on(session, service.import_definition(session, body, "Hanako").key)


def the_run(world: World, order: int, journey: str = "trial") -> JourneyRun:
    """An order's run of a journey."""
    found = world.run(order, journey)
    assert found is not None
    return found
