"""What is still to come for an order, as sentences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from app.admin.timeline.items import Item
from app.admin.timeline.messages import of_message
from app.admin.timeline.past import is_coming
from app.admin.timeline.story import Story
from app.core.locale import gettext as _
from app.journeys import queries as journeys
from app.journeys import words
from app.journeys.definitions import Definition
from app.journeys.model import JourneyRun
from app.journeys.rules import Planned
from app.messages import queries as messages
from app.mirror.model import OrderLine

#: What happens to an order, in the order in which it does; all else comes after it.
ON_ITS_WAY = ("ordered", "paid", "shipped", "out_for_delivery", "delivered", "received")


def to_come(story: Story) -> Iterator[Item]:
    """Scheduled messages, the next steps of live runs, and what journeys will follow."""
    for message in story.messages:
        if is_coming(message):
            yield _not_before_now(story, of_message(story, message))
    for run in story.runs:
        yield from _of_run(story, run)
    for one in journeys.forecast(story.session, story.order):
        if not words.only_if(one.planned.step):
            yield _step(story, one.definition, _not_begun(story, one.planned), one.line)


def _not_begun(story: Story, planned: Planned) -> Planned:
    """A step of a journey that its order has yet to enter. A day that is counted from a parcel, or
    from money, which should be there and is not, is nobody's plan."""
    if planned.at and (story.unpaid or story.unsent_late or planned.at < story.now):
        return replace(planned, at=None, about=planned.at)
    return planned


def _not_before_now(story: Story, item: Item) -> Item:
    """What is due and not yet done happens next; the future holds no past."""
    return replace(item, at=max(item.at, story.now)) if item.at else item


def _of_run(story: Story, run: JourneyRun) -> Iterator[Item]:
    definition = journeys.definition_of(story.session, run)
    if definition is None or run.ended_at is not None:
        return
    coming = journeys.coming(story.session, run)
    for planned in coming:
        if not words.only_if(planned.step):
            yield _step(story, definition, planned, story.line(run.subject_ids.get("line_id")))
    if not coming and run.due_at is not None and run.due_at > story.now:
        yield Item(
            "journey",
            "waiting",
            _("“%(journey)s” waits for an answer", journey=str(definition.name)),
            at=run.due_at,
            exact=False,
            details=[_("If none comes by then, it ends.")],
            facts={"kind": "RunWaits", "journey": run.journey},
        )


def _step(story: Story, definition: Definition, planned: Planned, line: OrderLine | None) -> Item:
    kind = planned.step.message
    title = messages.kind_title(kind, story.language)
    name = str(definition.name)
    # What should have happened by now has no date: whoever ships or carries it has to say so first.
    # Nor has what waits for the money: a day would be counted from one that nobody knows.
    due = planned.about and planned.about >= story.now and not story.unpaid
    # Nor has what is counted from a parcel that should be there and has not even left.
    due = due and not story.unsent_late
    about = planned.about if due else None
    state = "planned" if planned.at else "expected" if about else "waiting"
    return Item(
        "message",
        state,
        _("Planned: %(title)s", title=words.step_title(definition, planned.step, title)),
        at=max(planned.at, story.now) if planned.at else about,
        exact=False,
        details=[
            " · ".join([name, line.title] if line else [name]),
            words.moment_text(
                planned.step,
                planned.offset,
                digital=story.digital,
                at_the_door=story.order.paid_on_delivery,
            ),
            *_only_if(story, definition, planned),
            *_overdue(story, planned),
            *_doubt(story, planned, line),
            *_held(story, kind),
        ],
        facts={"kind": kind, "journey": definition.key, "step": planned.step.key},
        rank=(*ON_ITS_WAY, planned.step.anchor).index(planned.step.anchor),
    )


def _only_if(story: Story, definition: Definition, planned: Planned) -> list[str]:
    """What is looked at when its moment comes, and does not hold yet."""
    if not planned.only_if:
        return []
    titles = words.step_titles(definition, story.session)
    wanted = _(", ").join(words.condition_words(word, titles) for word in planned.only_if)
    return [_("Only for: %(wanted)s", wanted=wanted)]


def _overdue(story: Story, planned: Planned) -> list[str]:
    """What it waits for when it should have come by now, or cannot come before the money."""
    if planned.at or planned.about is None:
        return []
    if story.unpaid:
        return [_("It waits for the payment.")]
    if story.unsent_late:
        return [_("Nothing was shipped yet: it follows the parcel, once that has left.")]
    if planned.about >= story.now:
        return []
    return [_("The expected day has passed; it waits for news of the parcel.")]


def _doubt(story: Story, planned: Planned, line: OrderLine | None) -> list[str]:
    """Why a planned message would not be sent as things stand; a task is for the shop's people."""
    if not planned.step.message:
        return []
    kind = messages.kind(planned.step.message)
    why = "" if story.address else "no_email"
    if not why and kind.message_class == "marketing":
        why = story.no_marketing or ""
    why = why or story.lacks(kind, line) or ""
    if not why:
        return []
    reason = messages.reason_text(why)
    return [_("As things stand it will not be sent: %(reason)s", reason=reason)]


def _held(story: Story, kind: str) -> list[str]:
    """What everything that sells, or speaks of the goods as being there, waits for as things
    stand."""
    if not kind:
        return []
    own = messages.kind(kind)
    here = story.missing if own.in_hand else None
    why = story.held if own.message_class == "marketing" else here
    return [_("Waits until this is settled: %(reason)s", reason=why)] if why else []
