"""What imagination found, in the words of a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from app.core.locale import gettext as _
from app.core.locale import show_date, show_time
from app.journeys import queries, simulate, words
from app.messages import queries as messages
from app.messages import reasons


@dataclass(frozen=True)
class Said:
    """One step: its hour, what it is, what became of it, and why."""

    clock: str
    title: str
    journey: str
    state: str
    badge: str
    details: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class SaidDay:
    """The steps of one date."""

    day: date
    label: str
    items: list[Said]


@dataclass(frozen=True)
class Replayed:
    """The order that is replayed, as far as its steps are told by it; `off` are the journeys that
    are not switched on in truth."""

    zone: str
    language: str
    digital: bool
    at_the_door: bool
    off: frozenset[str]
    #: The answers that conditions name, in the shop's words.
    answers: Mapping[str, str] = field(default_factory=dict)


def calendar(told: list[simulate.Told], order: Replayed) -> list[SaidDay]:
    """The imagined steps under their dates, the first first."""
    tz = ZoneInfo(order.zone)
    ranked = sorted(told, key=_moment)
    return [
        SaidDay(day, _day(day, order.language), [_said(one, order) for one in some])
        for day, some in groupby(ranked, key=lambda one: _moment(one).astimezone(tz).date())
    ]


def _moment(told: simulate.Told) -> datetime:
    """When it is told: what had nothing to say stands where it was meant to, wherever it would
    have waited."""
    return told.wanted if _wanting(told) else told.at or told.wanted


def _wanting(told: simulate.Told) -> bool:
    return told.outcome[1] in reasons.WANTING


def _day(day: date, language: str) -> str:
    return (
        f"{day.year}年{show_date(day, 'ja')}"
        if language == "ja"
        else (f"{show_date(day, 'en')}, {day.year}")
    )


def _said(told: simulate.Told, order: Replayed) -> Said:
    return Said(
        clock=show_time(_moment(told), order.zone, order.language),
        title=title_of(told, order.language),
        journey=_journey(told.course, order.off),
        state=told.outcome[0],
        badge=_badge(told),
        details=[
            *_product(told),
            *_why(told, order),
            *([] if _wanting(told) else _moves(told, order.zone, order.language)),
        ],
    )


def _journey(course: simulate.Course, off: frozenset[str]) -> str:
    """A journey's name, and whether it is off."""
    name = str(course.definition.name)
    return _("%(name)s (off)", name=name) if course.definition.key in off else name


def title_of(told: simulate.Told, language: str) -> str:
    """What the step is called."""
    title = messages.kind_title(told.step.message, language)
    return words.step_title(told.course.definition, told.step, title)


def _badge(told: simulate.Told) -> str:
    state, reason = told.outcome
    if state == simulate.SENT:
        return _("around this day") if told.expected else _("Would be sent")
    return {
        simulate.SKIPPED: _("Would not be sent"),
        simulate.CANCELLED: _("Would be called off"),
        simulate.TASK: _("Task"),
    }.get(state, _("Does not apply") if reason in told.step.when else "")


def _product(told: simulate.Told) -> list[str]:
    return [told.course.product] if told.course.product else []


def _why(told: simulate.Told, order: Replayed) -> list[str]:
    offset = told.step.offset_for(told.course.product_kind)
    said = [
        words.moment_text(told.step, offset, digital=order.digital, at_the_door=order.at_the_door)
    ]
    return said + ([_reason(told, order.answers)] if told.outcome[1] else [])


def _reason(told: simulate.Told, answers: Mapping[str, str]) -> str:
    """Why a message was left out, whom a step that was passed over is for, or which arm of a split
    was taken."""
    if told.state != simulate.PASSED or told.reason in ("replaced", "step_off"):
        return reason_text(told.outcome[1], answers)
    titles = words.step_titles(told.course.definition) | dict(answers)
    what = words.condition_words(told.reason, titles)
    return _("Only for: %(what)s", what=what) if told.reason in told.step.when else what


def _moves(told: simulate.Told, zone: str, language: str) -> list[str]:
    def moment(at: datetime) -> str:
        day = show_date(at.astimezone(ZoneInfo(zone)).date(), language)
        return f"{day} {show_time(at, zone, language)}"

    return [
        _(
            "%(old)s → %(new)s: %(reason)s",
            old=moment(shift.moved_from),
            new=moment(shift.moved_to),
            reason=messages.reason_text(shift.reason),
        )
        for shift in told.shifts
    ]


def reason_text(code: str, answers: Mapping[str, str] | None = None) -> str:
    """A reason of the messages' or of the journeys', whoever has a word for it."""
    said = messages.reason_text(code)
    if said != code:
        return said
    said = queries.reason_text(code, answers)
    return said[:1].upper() + said[1:]


def endings(
    ended: list[simulate.Ended],
    off: frozenset[str] = frozenset(),
    answers: Mapping[str, str] | None = None,
) -> list[tuple[str, str]]:
    """Journeys that would have sent nothing, and why: name and reason, each pair once."""
    found = {
        (_journey(one.course, off), queries.reason_text(one.reason, answers))
        for one in ended
        if one.course.refused
    }
    return sorted(found)
