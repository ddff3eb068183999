"""What an order may be promised: whether a message that comes later is to come at all."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from functools import cache, cached_property

from sqlalchemy.orm import Session

from app.core.keeping import kept
from app.core.locale import choose_locale
from app.core.together import Rows, Together
from app.guides import queries as guides
from app.journeys import rules
from app.journeys.conditions import holding
from app.journeys.definitions import Definition, Step, Words, condition
from app.journeys.definitions.vocabulary import ABOUT_STEPS, AT_THE_MOMENT, BECOMES_TRUE
from app.journeys.known import Known, looks_like_gift
from app.journeys.library import switched_on, switched_on_of
from app.journeys.refusals import EVERYTHING, MUTES
from app.messages import queries as messages
from app.mirror import queries as mirror
from app.mirror.model import Order, Product
from app.mirror.queries import Bought
from app.shops.service import shop
from app.surveys import queries as surveys

_NOBODY = Words(ja="", en="")


def says(
    session: Session,
    order: Order | None,
    *kinds: str,
    on: Rows | None = None,
    bought: Bought | None = None,
) -> bool:
    """Whether an order will be sent all these kinds of message, as far as its journeys, their steps
    and what is known of the order tell: what only time decides counts as fulfilled. Of an order
    that is not known yet, whether the shop sends them at all. `on` is the answer to
    `library.SWITCHED_ON`, `bought` what the order holds, where they were asked."""
    return promised(session, order, on=on, bought=bought)(*kinds)


def promised(
    session: Session, order: Order | None, *, on: Rows | None = None, bought: Bought | None = None
) -> Callable[..., bool]:
    """Answers as `says`, for a text that asks more than once about one order."""

    @cache
    def about(of: Order) -> _About:
        return _About(session, of, bought or mirror.bought(session, of.id))

    @cache
    def says(*kinds: str) -> bool:
        switched = _switched_on(session) if on is None else switched_on_of(on)
        return _says(order, kinds, switched, about)

    return says


def _says(
    order: Order | None,
    kinds: Collection[str],
    switched: list[tuple[Definition, datetime]],
    asked: Callable[[Order], _About],
) -> bool:
    running = [
        one
        for one, since in switched
        if order is None or order.placed_at >= since.replace(microsecond=0)
    ]
    wanted = [one for one in running if any(step.message in kinds for step in one.steps)]
    if order is None or not wanted:
        return set(kinds) <= {step.message for one in wanted for step in one.steps if not step.off}
    about = asked(order)
    said = _said(about, running, wanted)
    return set(kinds) <= said and all(about.has_text(kind) for kind in kinds)


def _switched_on(session: Session) -> list[tuple[Definition, datetime]]:
    """A batch asks once: that is the merchant's word."""
    return kept(session, "journeys_on", lambda: switched_on(session))


class _About(Known):
    """An order as far as its promises go: what people said and did about it in one statement, what
    the shop wrote once for a batch."""

    def __init__(self, session: Session, order: Order, bought: Bought) -> None:
        lines, self._shelf = bought
        super().__init__(session, _nothing(()), order, lines, None, [])

    @cached_property
    def products(self) -> list[Product]:
        """As the order's lines came with them."""
        ids = dict.fromkeys(line.product_shopify_id or 0 for line in self.about)
        return [self._shelf[one] for one in ids if one in self._shelf]

    @cached_property
    def gift(self) -> bool:
        """Whether the order is for someone else."""
        return looks_like_gift(self.order, self.lines) or bool(self._people["answers"])

    @cached_property
    def had_before(self) -> set[int]:
        """The products its buyer had before."""
        return {number for (number,) in self._people["before"]}

    def is_muted(self, journey: str) -> bool:
        """Whether its buyer is left in peace by a journey."""
        return any(name in (journey, EVERYTHING) for (name,) in self._people["mutes"])

    def has_text(self, kind: str) -> bool:
        """Whether the shop has the text that a kind lives from, about what was bought."""
        topic = messages.kind(kind).guide
        if topic is None or "guide" not in messages.kind(kind).needs:
            return True
        subjects = tuple(guides.subjects(self._shelf.values()))
        locale = choose_locale(self.order.locale, shop(self.session).locale)
        # Where one ships for everything, nobody need look for the shop's own.
        return guides.has_default(topic, locale) or kept(
            self.session,
            ("has_text", topic, subjects, locale),
            lambda: guides.text_for(self.session, topic, subjects, locale) is not None,
        )

    @cached_property
    def _people(self) -> dict[str, Rows]:
        question, answer = surveys.GIFT
        given = {
            "order": self.order.id,
            "customer": self.order.customer_id,
            "placed_at": self.order.placed_at,
            "question": question,
            "answer": answer,
        }
        return _PEOPLE.ask(self.session, given)


_PEOPLE = Together(mutes=MUTES, answers=surveys.ANSWERED, before=mirror.HAD_BEFORE)


def _said(about: _About, on: list[Definition], wanted: list[Definition]) -> set[str]:
    """What those of these journeys say that the order goes through."""
    flags = _flags(about, wanted, [one for one in on if one.replaces])
    entered = [one for one in on if rules.holds(_settled(one.when), flags)]
    instead = {name for one in entered for name in one.replaces}
    return {
        step.message
        for one in entered
        if one in wanted and not about.is_muted(one.key)
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


def _flags(about: _About, wanted: list[Definition], replacing: list[Definition]) -> frozenset[str]:
    """Which of their settled conditions hold, each looked at once."""
    words = {word for one in (*wanted, *replacing) for word in _settled(one.when)}
    words |= {word for one in wanted for step in one.steps for word in _settled(step.when)}
    about.definition = _nothing(tuple(sorted(words)))
    return holding(about)


def _nothing(when: tuple[str, ...]) -> Definition:
    """A journey that says nothing and asks about these conditions."""
    return Definition("", 0, "order", "ordered", _NOBODY, _NOBODY, (), when=when)
