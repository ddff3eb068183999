"""A shop's own texts: drafts, versions, and which one is said.

A draft is changed in place and loses nothing; publishing freezes it as a version. Going back to an
earlier version makes a new draft of it, so that history only ever grows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.errors import NotFound
from app.messages.kinds import all_kinds
from app.messages.model import Message, MessageText
from app.messages.texts import blocks, shipped
from app.messages.texts.blocks import Content

DRAFT, PUBLISHED, RETIRED = "draft", "published", "retired"


@dataclass(frozen=True)
class Place:
    """What a text is for: a kind in a language, and where one step says it differently, which."""

    kind: str
    locale: str
    use: str = ""


def content_of(row: MessageText) -> Content:
    """A stored text, typed."""
    return blocks.load(row.subject, row.preheader, row.blocks)


def draft(session: Session, place: Place) -> MessageText | None:
    """What is being written for a place."""
    return _current(session, place, DRAFT)


def published(session: Session, place: Place) -> MessageText | None:
    """What is said at a place in the shop's own words."""
    return _current(session, place, PUBLISHED)


def starting(session: Session, place: Place) -> Content:
    """What an editor begins with: the draft, else what is said now, else Okaeri's own text."""
    general = Place(place.kind, place.locale)
    row = draft(session, place) or published(session, place) or published(session, general)
    return content_of(row) if row else shipped.content(place.kind, place.locale)


def history(session: Session, place: Place) -> list[MessageText]:
    """Every version that was ever published, newest first."""
    rows = session.scalars(
        _at(place).where(MessageText.state != DRAFT).order_by(MessageText.version.desc())
    )
    return list(rows)


def all_current(session: Session) -> list[MessageText]:
    """Every draft and every published text of the shop."""
    return list(
        session.scalars(
            select(MessageText)
            .where(MessageText.state.in_([DRAFT, PUBLISHED]))
            .order_by(MessageText.kind, MessageText.use, MessageText.locale)
        )
    )


def by_id(session: Session, text_id: int) -> MessageText:
    """One version; raises `NotFound` when the bound shop has none of that id."""
    row = session.get(MessageText, (session.info["shop_id"], text_id))
    if row is None:
        raise NotFound
    return row


def of_message(session: Session, message: Message) -> MessageText | None:
    """The shop's own words for a message: those a test send names, else what is published for its
    step, else for its kind; None for Okaeri's own text."""
    named = message.subject_ids.get("text_id")
    if named is not None:
        return session.get(MessageText, (message.shop_id, named))
    use = f"{message.journey}/{message.step}"
    rows = session.scalars(
        select(MessageText).where(
            MessageText.kind == message.kind,
            MessageText.locale == message.locale,
            MessageText.state == PUBLISHED,
            MessageText.use.in_({"", use}),
        )
    ).all()
    return max(rows, key=lambda row: row.use, default=None)


def keep(session: Session, place: Place, content: Content) -> MessageText:
    """Write the draft. It may be half finished: only publishing asks more of it."""
    if place.kind not in all_kinds():
        raise NotFound
    row = draft(session, place)
    if row is None:
        row = MessageText(
            shop_id=session.info["shop_id"],
            kind=place.kind,
            use=place.use,
            locale=place.locale,
            version=_next(session, place),
        )
        session.add(row)
    row.subject, row.preheader = content.subject, content.preheader
    row.blocks = blocks.dump(content)
    row.updated_at = now(session)
    session.flush()
    return row


def publish(session: Session, row: MessageText, staff: str, overridden: list[str]) -> None:
    """Say a draft from now on. Messages that were written before keep their words."""
    place = Place(row.kind, row.locale, row.use)
    before = published(session, place)
    if before is not None:
        before.state = RETIRED
        session.flush()
    row.state, row.published_at, row.published_by = PUBLISHED, now(session), staff
    row.overrides = [_override(session, code, staff) for code in overridden]
    session.flush()


def restore(session: Session, place: Place, version: MessageText) -> MessageText:
    """Begin a draft anew from an earlier version."""
    return keep(session, place, content_of(version))


def forget_draft(session: Session, place: Place) -> None:
    """Drop what was being written."""
    row = draft(session, place)
    if row is not None:
        session.delete(row)
        session.flush()


def back_to_shipped(session: Session, place: Place) -> None:
    """Say Okaeri's own text again. What was published stays in the history."""
    forget_draft(session, place)
    row = published(session, place)
    if row is not None:
        row.state = RETIRED
        session.flush()


def _override(session: Session, code: str, staff: str) -> dict[str, Any]:
    return {"code": code, "by": staff, "at": now(session).isoformat()}


def _current(session: Session, place: Place, state: str) -> MessageText | None:
    return session.scalars(_at(place).where(MessageText.state == state)).one_or_none()


def _next(session: Session, place: Place) -> int:
    last = session.scalar(
        select(func.max(MessageText.version)).where(
            MessageText.kind == place.kind,
            MessageText.use == place.use,
            MessageText.locale == place.locale,
        )
    )
    return (last or 0) + 1


def _at(place: Place) -> Any:
    return select(MessageText).where(
        MessageText.kind == place.kind,
        MessageText.use == place.use,
        MessageText.locale == place.locale,
    )
