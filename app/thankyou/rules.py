"""Pure decisions: whether an offer is made and until when, and which steps come next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.mirror.reference import EEA

#: How long an offer lives where no deadline is shown.
WITHOUT_TIMER = timedelta(hours=24)
#: While the order is unknown, the page asks again, at first at this pace, for so long.
ASK_AGAIN_S = 2
STOP_ASKING = timedelta(seconds=60)

#: Where no deadline is shown by default (rules.md TM-7): the UK, the EU and the EEA.
NO_TIMER = EEA | {"GB"}


def shows_timer(buyer_country: str | None, shop_country: str | None) -> bool:
    """Whether the deadline is shown; the buyer's country decides, else the shop's."""
    return (buyer_country or shop_country or "").upper() not in NO_TIMER


def deadline(now: datetime, minutes: int, *, timer: bool) -> datetime:
    """Until when the offer's link works."""
    return now + (timedelta(minutes=minutes) if timer else WITHOUT_TIMER)


def closed(deadline: datetime | None, now: datetime, *, used: bool, available: bool) -> str | None:
    """Why an offer's link no longer leads to the checkout; None while it does."""
    if used:
        return "used"
    if deadline is None or now >= deadline:
        return "over"
    return None if available else "sold_out"


def offer_state(
    deadline: datetime | None,
    accepted_order_id: int | None,
    declined_at: datetime | None,
    now: datetime,
) -> str:
    """`none` was made, `accepted`, `declined`, `over`, or `open`."""
    if deadline is None:
        return "none"
    if accepted_order_id is not None:
        return "accepted"
    if declined_at is not None:
        return "declined"
    return "open" if now < deadline else "over"


def ask_again_in(
    now: datetime, first_seen_at: datetime, *, decided: bool, order_known: bool
) -> int | None:
    """After how many seconds the page should ask again, more and more rarely; None when nothing
    more is to come."""
    age = now - first_seen_at
    if (decided and order_known) or age >= STOP_ASKING:
        return None
    return max(ASK_AGAIN_S, int(age.total_seconds()) // 2)


@dataclass(frozen=True)
class OrderFacts:
    """What the steps depend on. `ships` and `arrives` are days that are expected, `shipped` and
    `delivered` days that have come. `guided`: a guide will be sent."""

    placed: date
    physical: bool
    unpaid: bool = False
    cancelled: bool = False
    ships: tuple[date, date] | None = None
    arrives: tuple[date, date] | None = None
    shipped: date | None = None
    delivered: date | None = None
    guided: bool = True


@dataclass(frozen=True)
class StepFact:
    """One step: what it is, whether it is behind us, and its first and last day."""

    key: str
    done: bool
    days: tuple[date, date] | None = None


def steps(facts: OrderFacts) -> list[StepFact]:
    """What happens next, in order. No day is named that waits for a payment, and no guide that is
    not sent; once everything is there, it is on the order's page for all."""
    received = StepFact("received", done=True, days=(facts.placed, facts.placed))
    if facts.cancelled:
        return [received, StepFact("cancelled", done=True)]
    if not facts.physical:
        paying = [StepFact("payment", done=False)] if facts.unpaid else []
        return [received, *paying, StepFact("access", done=False)]
    arrived = facts.delivered is not None
    guide = [StepFact("guide", done=arrived)] if facts.guided or arrived else []
    if facts.unpaid:
        later = [StepFact(key, done=False) for key in ("payment", "prepare", "arrive")]
        return [received, *later, *guide]
    return [
        received,
        StepFact("prepare", facts.shipped is not None, _one(facts.shipped) or facts.ships),
        StepFact("arrive", arrived, _one(facts.delivered) or facts.arrives),
        *guide,
    ]


def _one(day: date | None) -> tuple[date, date] | None:
    return (day, day) if day is not None else None


def ref_of(grant_id: int) -> str:
    """The word that travels in the checkout's attributes and ties the new order to the offer."""
    return f"offer-{grant_id}"


def grant_of(ref: object) -> int | None:
    """The grant that a word names; None for words of others."""
    if not isinstance(ref, str) or not ref.startswith("offer-"):
        return None
    number = ref.removeprefix("offer-")
    return int(number) if number.isascii() and number.isdigit() and len(number) < 19 else None
