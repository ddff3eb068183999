"""What an order may be promised: whether a message that comes later is to come at all."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.orm import Session

from app.core.locale import choose_locale
from app.core.together import Rows
from app.guides import queries as guides
from app.journeys import rules
from app.journeys.conditions import holding
from app.journeys.definitions import Definition, Step, Words, condition
from app.journeys.definitions.vocabulary import ABOUT_STEPS, AT_THE_MOMENT, BECOMES_TRUE
from app.journeys.known import Known
from app.journeys.library import switched_on, switched_on_of
from app.journeys.refusals import is_muted
from app.messages import queries as messages
from app.mirror import queries as mirror
from app.mirror.model import Order
from app.shops.service import shop

_NOBODY = Words(ja="", en="")


def says(session: Session, order: Order | None, *kinds: str, on: Rows | None = None) -> bool:
    """Whether an order will be sent all these kinds of message, as far as its journeys, their steps
    and what is known of the order tell: what only time decides counts as fulfilled. Of an order
    that is not known yet, whether the shop sends them at all. `on` is the answer to
    `library.SWITCHED_ON` where it was asked."""
    switched = switched_on(session) if on is None else switched_on_of(on)
    running = [
        one
        for one, since in switched
        if order is None or order.placed_at >= since.replace(microsecond=0)
    ]
    wanted = [one for one in running if any(step.message in kinds for step in one.steps)]
    if order is None or not wanted:
        return set(kinds) <= {step.message for one in wanted for step in one.steps if not step.off}
    said = _said(session, order, running, wanted)
    return set(kinds) <= said and all(_has_text(session, order, kind) for kind in kinds)


def _said(
    session: Session, order: Order, on: list[Definition], wanted: list[Definition]
) -> set[str]:
    """What those of these journeys say that the order goes through."""
    flags = _flags(session, order, wanted, [one for one in on if one.replaces])
    entered = [one for one in on if rules.holds(_settled(one.when), flags)]
    instead = {name for one in entered for name in one.replaces}
    return {
        step.message
        for one in entered
        if one in wanted and not is_muted(session, order.customer_id, one.key)
        for step in one.steps
        if _is_said(one, step, instead, flags)
    }


def _is_said(one: Definition, step: Step, instead: set[str], flags: frozenset[str]) -> bool:
    return (
        not step.off
        and f"{one.key}.{step.key}" not in instead
        and rules.holds(_settled(step.when), flags)
    )


def _settled(when: Iterable[str]) -> list[str]:
    """The conditions that an order meets once and for all: the others may still come true."""
    later = AT_THE_MOMENT | BECOMES_TRUE | ABOUT_STEPS | {"inferred"}
    return [word for word in when if condition(word).name not in later]


def _flags(
    session: Session, order: Order, wanted: list[Definition], replacing: list[Definition]
) -> frozenset[str]:
    """Which of their settled conditions hold, each looked at once."""
    words = {word for one in (*wanted, *replacing) for word in _settled(one.when)}
    words |= {word for one in wanted for step in one.steps for word in _settled(step.when)}
    whole = Definition("", 0, "order", "ordered", _NOBODY, _NOBODY, (), when=tuple(sorted(words)))
    lines = mirror.order_lines(session, order.id)
    return holding(Known(session, whole, order, lines, None, []))


def _has_text(session: Session, order: Order, kind: str) -> bool:
    """Whether the shop has the text that a kind lives from, about what was bought."""
    topic = messages.kind(kind).guide
    if topic is None or "guide" not in messages.kind(kind).needs:
        return True
    products = mirror.products_for_lines(session, mirror.order_lines(session, order.id)).values()
    locale = choose_locale(order.locale, shop(session).locale)
    return guides.text_for(session, topic, guides.subjects(products), locale) is not None
