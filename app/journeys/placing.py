"""One person's messages in imagination: by which channel, when, and what has to yield. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from app.journeys.imagined import SENT, SKIPPED, Course, Person, Told
from app.messages import hours, reasons, wishes
from app.messages import rules as arbiter
from app.messages.kinds import MARKETING, Kind
from app.messages.people import HABITS, REMEMBERED, YEAR

#: What only a message about one line can have.
ABOUT_LINE = frozenset({"line", "run_out"})
#: Marketing by a channel that rings on a telephone, as `messages.reach` bears it.
MOST_BY_PHONE, PHONE_SPAN = 4, timedelta(days=30)


class Placing:
    """What one person has had and will have, as one arbiter sees it."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.marketing: list[Told] = []
        #: Since when the first step of a course waited for its goods.
        self.waiting: dict[Course, datetime] = {}

    def place(self, told: Told, kind: Kind, now: datetime) -> bool:
        """Decide about a message as `messages.service.compose` would; whether it will be sent."""
        told.kind, told.channel = kind, "email"
        reason = self._choose(told, kind, now) or _missing(told, kind)
        if reason is None and arbiter.is_late(told.wanted, now, wishes.longest_lateness(kind)):
            reason = reasons.TOO_LATE
        plan = None if reason else self._arrange(told, kind, now)
        if plan is None or plan.at is None:
            told.state, told.reason = SKIPPED, reason or _placeless(kind)
            return False
        told.state, told.at, told.shifts = SENT, plan.at, list(plan.shifts)
        told.lacks = told.course.lacks(kind)
        if kind.message_class == MARKETING:
            self.marketing.append(told)
        return True

    def leave(self, told: Told, now: datetime) -> bool:
        """Look at a message that sells once more when it is to leave: where its reader has had
        enough meanwhile, it finds another moment. Whether it is still to come."""
        if told.kind is None or told.state != SENT or told.lacks or told.at is None:
            return False
        if told.at > now:
            return True
        # What has not left yet does not count against itself.
        told.at = None
        gone = [one.at for one in self.marketing if _counts(one, now) and one.at and one.at <= now]
        lately = [at for at in gone if at > now - arbiter.WEEK]
        if arbiter.conflict(now, lately, self._caps(now)) is None:
            told.at = now
            return False
        plan = self._arrange(told, told.kind, now, wanted=now)
        if plan.at is None:
            told.state, told.reason = SKIPPED, reasons.NO_PLACE
            return False
        told.at, told.shifts = plan.at, [*told.shifts, *plan.shifts]
        return plan.at > now

    def _choose(self, told: Told, kind: Kind, now: datetime) -> str | None:
        """Take the first channel that is open; why none is, if none is."""
        for channel in self.person.ways(kind, told.step.channel):
            if channel == "email" or not self._tired(channel, kind, now):
                told.channel = channel
                return None
        return self.person.refusal(kind)

    def _tired(self, channel: str, kind: Kind, now: datetime) -> bool:
        if kind.message_class != MARKETING:
            return False
        lately = [one for one in self._kept(now - PHONE_SPAN) if one.channel == channel]
        return len(lately) >= MOST_BY_PHONE

    def _arrange(
        self, told: Told, kind: Kind, now: datetime, wanted: datetime | None = None
    ) -> arbiter.Plan:
        """Ask the arbiter, and move what has to yield. What would arrive while something is wrong
        waits until that is over, and asks again."""
        wanted = wanted or told.wanted
        wish, waited = self._wish(told, kind, wanted), wanted
        if not wish.capped:
            return self._in_hand(told, kind, wish, now)
        plan = self._ask(wish, now, now)
        until = self._held(now) or (self._held(plan.at) if plan.at is not None else None)
        if until is not None:
            waited = max(wanted, until)
            plan = self._ask(replace(wish, wanted=waited), until, now)
        for other, moved_to in plan.yielding:
            _yield_place(self.marketing[other.id], now, moved_to)
        if waited == wanted:
            return plan
        return replace(plan, shifts=(arbiter.Shift(wanted, waited, reasons.HELD), *plan.shifts))

    def _in_hand(self, told: Told, kind: Kind, wish: arbiter.Wish, now: datetime) -> arbiter.Plan:
        """What speaks of the goods as being there waits while they are missing, unless that makes
        it too late; the steps of one course keep the days between them."""
        plan = arbiter.arrange(wish, now, ())
        begin, end = told.course.missing or (now, now)
        # It is looked at when it is decided about, and again when it is to leave.
        looked = plan.at if plan.at is not None and wish.wanted < begin else wish.wanted
        if not kind.in_hand or not begin <= looked < end:
            return plan
        if arbiter.is_late(looked, end, wishes.longest_lateness(kind)):
            return replace(plan, at=None)
        wanted = end + (looked - self.waiting.setdefault(told.course, looked))
        later = arbiter.arrange(replace(wish, wanted=wanted), end, ())
        kept_back = arbiter.Shift(looked, end, reasons.PARCEL_MISSING)
        return replace(later, shifts=(kept_back, *later.shifts))

    def _ask(self, wish: arbiter.Wish, start: datetime, now: datetime) -> arbiter.Plan:
        def own(wish: arbiter.Wish) -> arbiter.Wish:
            asked = wish.slots and self.person.measured
            return hours.own(self._habits(now), wish) if asked else wish

        return arbiter.arrange(wish, start, self._booked(now), self._caps(now), own)

    def _caps(self, now: datetime) -> arbiter.Caps:
        """How much this person gets: less when they answer to nothing, and nobody is assumed to
        click."""
        had = self.marketing
        if not self.person.measured or not arbiter.is_distant(len(had), 0, bought=False):
            return self.person.caps
        left = [one.at for one in had if one.at and one.at <= now and _counts(one, now)]
        lately = [at for at in left if at >= now - REMEMBERED]
        bought = any(min(lately, default=now) < at <= now for at in self.person.ordered)
        distant = arbiter.is_distant(len(lately), 0, bought=bought)
        return arbiter.SELDOM if distant else self.person.caps

    def _habits(self, now: datetime) -> list[datetime]:
        """When this person is known to have bought, the newest first."""
        known = [at for at in self.person.by_hand if now - YEAR < at <= now]
        return sorted(known, reverse=True)[:HABITS]

    def _held(self, at: datetime) -> datetime | None:
        """Until when what sells waits at a moment; None when nothing is wrong."""
        ends = [end for begin, end in self.person.holds if begin <= at < end]
        return max(ends) if ends else None

    def _booked(self, now: datetime) -> list[arbiter.Booked]:
        """The marketing messages this person has had lately or will have."""
        since = now - arbiter.WEEK
        return [
            arbiter.Booked(number, told.at, self._wish_of(told, now))
            for number, told in enumerate(self.marketing)
            if told.at is not None and told.at > since and _counts(told, now)
        ]

    def _kept(self, since: datetime) -> list[Told]:
        return [one for one in self.marketing if one.state == SENT and one.at and one.at > since]

    def _wish_of(self, told: Told, now: datetime) -> arbiter.Wish | None:
        """A message that has not left yet may move."""
        if told.kind is None or told.at is None or told.at <= now:
            return None
        return self._wish(told, told.kind, told.at)

    def _wish(self, told: Told, kind: Kind, wanted: datetime) -> arbiter.Wish:
        if told.wish is None:
            course, journey = told.course, told.course.definition.key
            told.wish = wishes.wish(
                kind,
                kind.message_class,
                channel=told.channel,
                journey=journey,
                key=wishes.spread_by(journey, told.step.key, course.order_id, course.ids),
                zone=self.person.zone,
                wanted=wanted,
                weekends=self.person.weekends,
            )
        return told.wish if told.wish.wanted == wanted else replace(told.wish, wanted=wanted)


def settle(told: Told, now: datetime) -> None:
    """A message whose moment has come leaves, or is found to lack what it lives from."""
    if told.state == SENT and told.lacks and told.at is not None and told.at <= now:
        told.state, told.reason = SKIPPED, told.lacks


def _counts(told: Told, now: datetime) -> bool:
    settle(told, now)
    return told.state == SENT


def _missing(told: Told, kind: Kind) -> str | None:
    if ABOUT_LINE.isdisjoint(kind.needs) or "line_id" in told.course.ids:
        return None
    return reasons.NO_PRODUCT


def _placeless(kind: Kind) -> str:
    return reasons.NO_PLACE if kind.message_class == MARKETING else reasons.TOO_LATE


def _yield_place(told: Told, now: datetime, moved_to: datetime | None) -> None:
    if moved_to is None:
        told.state, told.reason, told.at = SKIPPED, reasons.NO_PLACE, None
    elif told.at is not None and told.at > now:
        told.shifts.append(arbiter.Shift(told.at, moved_to, "yielded"))
        told.at = moved_to
