"""Tables of the messages room. The message row is the outbox."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.core.claim import Claimable, queue_indexes
from app.core.db import Base, ShopRow


class Message(ShopRow, Claimable, Base):
    """One message to one person on one channel, from decision to receipt.

    States: scheduled → claimed → sending → sent → delivered | bounced | complained; side exits
    skipped (`reason`), cancelled (`reason`), failed, in_doubt → sent | closed. `message_class` is
    `transactional`, `service`, `marketing`, or `test` for a merchant's test send. `lane` is
    `transactional` (which carries service messages too) or `marketing`. `key` is unique per shop
    and names the intent: `<journey>:<run id>:<step>`; composing it twice yields the first row.
    `subject_ids` are the ids the templates need besides the order: `parcel_id`, `line_id`, ….

    `channel` is how it goes, `fallback` the channels that remain when that one does not take it.
    A message that waits for something to be over (a delay, a pause) is scheduled with no `due_at`,
    the `reason` says for what, and `held_from` when it would have gone. `opened_at` and
    `clicked_at` are a person's first; `proxy_opened_at` a mail program's that fetches everything.
    """

    __tablename__ = "messages"
    key: Mapped[str] = mapped_column(String(160))
    kind: Mapped[str] = mapped_column(String(48))
    message_class: Mapped[str] = mapped_column(String(16))
    channel: Mapped[str] = mapped_column(String(16), default="email")
    locale: Mapped[str] = mapped_column(String(2))
    run_id: Mapped[int | None] = mapped_column(BigInteger)
    order_id: Mapped[int | None] = mapped_column(BigInteger)
    customer_id: Mapped[int | None] = mapped_column(BigInteger)
    recipient: Mapped[str | None]
    journey: Mapped[str | None] = mapped_column(String(48))
    step: Mapped[str | None] = mapped_column(String(48))
    fallback: Mapped[list[str]] = mapped_column(default=list, server_default=text("'[]'"))
    subject_ids: Mapped[dict[str, Any]] = mapped_column(default=dict)
    reason: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(server_default=func.okaeri_now())
    sent_at: Mapped[datetime | None]
    held_from: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
    proxy_opened_at: Mapped[datetime | None]
    clicked_at: Mapped[datetime | None]
    #: Whether the message carried what tells of opens and clicks: only those can be counted.
    counts_opens: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    counts_clicks: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    send_key: Mapped[uuid.UUID | None]
    max_lateness_s: Mapped[int | None]
    __table_args__ = (
        UniqueConstraint("shop_id", "key"),
        *queue_indexes("messages"),
        # Where one shop floods a lane, the others are found without reading past it.
        Index(
            "ix_messages_due_by_shop",
            "shop_id",
            "lane",
            "due_at",
            postgresql_where=text("state = 'scheduled'"),
        ),
        # The sweep asks which sends never came back, and which doubts are old.
        Index(
            "ix_messages_sending",
            "lease_until",
            postgresql_where=text("state IN ('sending', 'in_doubt')"),
        ),
        # LINE tells only of what it delivered; what it stays silent about is found here.
        Index(
            "ix_messages_unconfirmed",
            "shop_id",
            "sent_at",
            postgresql_where=text("channel = 'line_notice' AND state IN ('sent', 'in_doubt')"),
        ),
        Index(None, "shop_id", "order_id"),
        Index(None, "shop_id", "customer_id", "sent_at"),
        # One person's mail, whoever the orders say they are; and what waits to be let go.
        Index("ix_messages_person", "shop_id", text("lower(recipient)")),
        Index(
            "ix_messages_held",
            "shop_id",
            "customer_id",
            postgresql_where=text("held_from IS NOT NULL"),
        ),
    )


class MessageContent(ShopRow, Base):
    """What was said, frozen at the first attempt (same key, same body); `id` is the message's."""

    __tablename__ = "message_contents"
    message_id: Mapped[int] = mapped_column(BigInteger)
    subject: Mapped[str]
    headers: Mapped[dict[str, Any]]
    html: Mapped[bytes] = mapped_column(LargeBinary)
    plain: Mapped[bytes] = mapped_column(LargeBinary)
    #: What a channel other than e-mail sends, as its API wants it.
    payload: Mapped[dict[str, Any] | None]
    __table_args__ = (
        ForeignKeyConstraint(
            ["shop_id", "message_id"], ["messages.shop_id", "messages.id"], ondelete="CASCADE"
        ),
        UniqueConstraint("shop_id", "message_id"),
    )


class SendAttempt(ShopRow, Base):
    """One try on the wire; append-only."""

    __tablename__ = "send_attempts"
    message_id: Mapped[int] = mapped_column(BigInteger)
    number: Mapped[int]
    outcome: Mapped[str] = mapped_column(String(16))
    detail: Mapped[str | None]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime]
    __table_args__ = (
        ForeignKeyConstraint(
            ["shop_id", "message_id"], ["messages.shop_id", "messages.id"], ondelete="CASCADE"
        ),
        UniqueConstraint("shop_id", "message_id", "number"),
    )


class MessageShift(ShopRow, Base):
    """The arbiter moved a message: from when to when, and why."""

    __tablename__ = "message_shifts"
    message_id: Mapped[int] = mapped_column(BigInteger)
    moved_from: Mapped[datetime]
    moved_to: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(64))
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.okaeri_now())
    __table_args__ = (
        ForeignKeyConstraint(
            ["shop_id", "message_id"], ["messages.shop_id", "messages.id"], ondelete="CASCADE"
        ),
        Index(None, "shop_id", "message_id"),
    )


class MessageSignal(ShopRow, Claimable, Base):
    """Somebody or something opened a message or followed one of its links; append-only but for
    the `verdict`: `human`, `proxy`, `prefetch` or `scanner`. A click waits a few seconds
    (`due_at`) until it can be told what else was clicked with it. `link` is the link's name
    (`track`, `store`, …), `number` its place in the message; neither says who."""

    __tablename__ = "message_signals"
    message_id: Mapped[int] = mapped_column(BigInteger)
    what: Mapped[str] = mapped_column(String(8))
    link: Mapped[str] = mapped_column(String(24), default="")
    number: Mapped[int] = mapped_column(default=0)
    verdict: Mapped[str | None] = mapped_column(String(16))
    occurred_at: Mapped[datetime]
    __table_args__ = (
        ForeignKeyConstraint(
            ["shop_id", "message_id"], ["messages.shop_id", "messages.id"], ondelete="CASCADE"
        ),
        Index(None, "shop_id", "message_id"),
        *queue_indexes("message_signals"),
    )


class MessageText(ShopRow, Base):
    """A shop's own words for a kind in a language. `use` is `<journey>/<step>` where one step says
    it differently, else empty. States: draft → published → retired; a version that was published
    is never changed. `overrides` are the lint's findings (`code`, `by`, `at`) somebody decided to
    publish with."""

    __tablename__ = "message_texts"
    kind: Mapped[str] = mapped_column(String(48))
    use: Mapped[str] = mapped_column(String(120), default="")
    locale: Mapped[str] = mapped_column(String(2))
    version: Mapped[int]
    subject: Mapped[str]
    preheader: Mapped[str]
    blocks: Mapped[list[Any]] = mapped_column(default=list)
    state: Mapped[str] = mapped_column(String(16), default="draft")
    updated_at: Mapped[datetime] = mapped_column(server_default=func.okaeri_now())
    published_at: Mapped[datetime | None]
    published_by: Mapped[str | None] = mapped_column(String(64))
    overrides: Mapped[list[Any]] = mapped_column(default=list)
    __table_args__ = (
        UniqueConstraint("shop_id", "kind", "use", "locale", "version"),
        # One draft and one published version at a time.
        Index(
            "uq_message_texts_current",
            "shop_id",
            "kind",
            "use",
            "locale",
            "state",
            unique=True,
            postgresql_where=text("state IN ('draft', 'published')"),
        ),
    )


class MerchantAlert(ShopRow, Base):
    """What the merchant was written to about: each cause once in its span (a day, or for what runs
    out by the month, the month)."""

    __tablename__ = "merchant_alerts"
    cause: Mapped[str] = mapped_column(String(80))
    since: Mapped[str] = mapped_column(String(10))
    __table_args__ = (UniqueConstraint("shop_id", "cause", "since"),)
