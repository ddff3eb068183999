"""Which journeys say which messages: for the rooms below, through the wiring."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.journeys.queries import definitions, switches
from app.journeys.words import when_text


@dataclass(frozen=True)
class Use:
    """One step that says a kind of message; `is_on` when its journey and the step are on, `when`
    its moment in words."""

    journey: str
    step: str
    kind: str
    name: str
    is_on: bool
    when: str

    @property
    def key(self) -> str:
        """`journey/step`, as a shop's text names its place."""
        return f"{self.journey}/{self.step}"


def uses(session: Session) -> list[Use]:
    """Every step that sends a message, in the order the journeys are shown in."""
    on = switches(session)
    return [
        Use(
            one.key,
            step.key,
            step.message,
            str(one.name),
            bool(on.get(one.key)) and not step.off,
            when_text(step),
        )
        for one in definitions(session).values()
        for step in one.steps
        if step.message
    ]
