"""A message as one item of a timeline, sent or not."""

from __future__ import annotations

from datetime import datetime

from app.admin.timeline.items import Item, moment_text
from app.admin.timeline.story import Story
from app.core.locale import gettext as _
from app.journeys import queries as journeys
from app.journeys import words
from app.messages.queries import MessageStory
from app.shops.staff import staff_name


def of_message(story: Story, told: MessageStory) -> Item:
    """Sent, skipped, called off, failed or still to be sent, with the reason and every move."""
    message = told.message
    state, title = _state_and_title(story, told)
    return Item(
        "message",
        state,
        title,
        at=_moment(story, told),
        details=[
            *_about(story, told),
            *_again(story, told),
            *_why(story, told),
            *_moves(story, told),
        ],
        link=f"/app/messages/{message.id}",
        link_text=_("Show the message"),
        facts={
            "kind": message.kind,
            "message-state": message.state,
            "reason": message.reason or "",
        },
    )


def _state_and_title(story: Story, told: MessageStory) -> tuple[str, str]:
    title = {"title": _title(story, told)}
    sentences = {
        "sent": ("done", _("Sent: %(title)s", **title)),
        "delivered": ("done", _("Sent and delivered: %(title)s", **title)),
        "closed": ("done", _("Sent: %(title)s", **title)),
        "skipped": ("skipped", _("Not sent: %(title)s", **title)),
        "cancelled": ("skipped", _("Called off: %(title)s", **title)),
        "bounced": ("failed", _("Bounced: %(title)s", **title)),
        "complained": ("failed", _("Reported as spam: %(title)s", **title)),
        "failed": ("failed", _("Could not be sent: %(title)s", **title)),
        "in_doubt": ("failed", _("Perhaps sent: %(title)s", **title)),
    }
    return sentences.get(told.message.state) or ("planned", _("Will be sent: %(title)s", **title))


def _title(story: Story, told: MessageStory) -> str:
    """The kind's title, numbered when its journey says the same more than once."""
    run = next((run for run in story.runs if run.id == told.message.run_id), None)
    definition = journeys.definition_of(story.session, run) if run else None
    steps = definition.steps if definition else ()
    step = next((one for one in steps if one.key == told.message.step), None)
    if definition is None or step is None:
        return told.title
    return words.step_title(definition, step, told.title)


def _moment(story: Story, told: MessageStory) -> datetime | None:
    """When it was sent or decided against, or when it will go."""
    message = told.message
    if message.sent_at is not None:
        return message.sent_at
    if message.state in ("scheduled", "composing", "claimed", "sending"):
        return message.due_at
    for entry in story.entries:
        decided = entry.kind in ("MessageSkipped", "MessageFailed")
        if decided and entry.data.get("message_id") == message.id:
            return entry.occurred_at
    return message.created_at


def _about(story: Story, told: MessageStory) -> list[str]:
    run = next((run for run in story.runs if run.id == told.message.run_id), None)
    product = story.line_title(told.message.subject_ids.get("line_id"))
    names = [journeys.name_of(story.session, run.journey)] if run else []
    return [" · ".join([*names, product] if product else names)] if names or product else []


def _again(story: Story, told: MessageStory) -> list[str]:
    """Who had it sent once more."""
    return [
        _("Sent again (by %(who)s)", who=staff_name(story.session, entry.data["staff"]))
        for entry in story.entries
        if entry.kind == "MessageResent" and entry.data["message_id"] == told.message.id
    ]


def _why(story: Story, told: MessageStory) -> list[str]:
    held = told.message.reason == "held" and told.message.sent_at is None and story.held
    return [text for text in (told.reason, held) if text]


def _moves(story: Story, told: MessageStory) -> list[str]:
    def said(moment: datetime) -> str:
        return moment_text(moment, story.shop.timezone, story.language, story.now.date())

    return [
        _(
            "%(old)s → %(new)s: %(reason)s",
            old=said(moved.moved_from),
            new=said(moved.moved_to),
            reason=moved.reason,
        )
        for moved in told.shifts
    ]
