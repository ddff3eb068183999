"""Tables of the senders room."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Index, String, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, ShopRow


class SenderAccount(ShopRow, Base):
    """A way out that the merchant set up. States: `checking` (entered, being proven), `active`
    (proven, mail leaves by it; at most one), `refused` (`detail` says why), `retired`.

    `endpoint` is sealed (a URL with the keys in it, see `channels.accounts`); NULL is the host's
    own server. `shown` is what may be shown of it. `hook_secret`, sealed, proves the provider's
    reports.
    """

    __tablename__ = "sender_accounts"
    provider: Mapped[str] = mapped_column(String(16))
    mailbox: Mapped[str | None] = mapped_column(String(320))
    endpoint: Mapped[str | None]
    shown: Mapped[str] = mapped_column(String(120), default="")
    hook_secret: Mapped[str | None]
    state: Mapped[str] = mapped_column(String(16), default="checking")
    detail: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.okaeri_now())
    checked_at: Mapped[datetime | None]
    #: Machine time at which mail began to leave by it.
    active_since: Mapped[datetime | None]
    __table_args__ = (
        Index(
            "uq_sender_accounts_active",
            "shop_id",
            unique=True,
            postgresql_where=text("state = 'active'"),
        ),
    )


class SenderDomain(ShopRow, Base):
    """A domain that mail leaves in the name of: our DKIM key for it (the private half sealed), the
    records it needs, what was seen of them, and since when it has been warming up.

    `wanted` are the records a provider asks for; `findings` what the last look at the DNS saw.
    """

    __tablename__ = "sender_domains"
    domain: Mapped[str] = mapped_column(String(253))
    selector: Mapped[str] = mapped_column(String(63))
    private_key: Mapped[str]
    public_key: Mapped[str]
    wanted: Mapped[list[Any]] = mapped_column(default=list)
    findings: Mapped[list[Any]] = mapped_column(default=list)
    checked_at: Mapped[datetime | None]
    #: The day of its first marketing mail; the warm-up counts from here.
    warming_since: Mapped[date | None]
    #: The merchant says that newsletters have left in its name before: no warm-up.
    established: Mapped[bool] = mapped_column(default=False)
    __table_args__ = (UniqueConstraint("shop_id", "domain"),)


class SenderKind(ShopRow, Base):
    """Who sends a kind of message: another tool by its name. Without a row, Okaeri does."""

    __tablename__ = "sender_kinds"
    kind: Mapped[str] = mapped_column(String(48))
    owner: Mapped[str] = mapped_column(String(32))
    __table_args__ = (UniqueConstraint("shop_id", "kind"),)


class SendingDay(ShopRow, Base):
    """What became of the messages of a kind that left on a day. `epoch` grows with every decision
    of a person to go on, so that what was forgiven is not counted again."""

    __tablename__ = "sending_days"
    day: Mapped[date]
    epoch: Mapped[int] = mapped_column(default=0)
    kind: Mapped[str] = mapped_column(String(48))
    lane: Mapped[str] = mapped_column(String(16))
    sent: Mapped[int] = mapped_column(default=0)
    delivered: Mapped[int] = mapped_column(default=0)
    hard_bounces: Mapped[int] = mapped_column(default=0)
    soft_bounces: Mapped[int] = mapped_column(default=0)
    complaints: Mapped[int] = mapped_column(default=0)
    unsubscribes: Mapped[int] = mapped_column(default=0)
    __table_args__ = (UniqueConstraint("shop_id", "day", "epoch", "kind"),)


class Brake(ShopRow, Base):
    """Sending was slowed, stopped or is worth an alarm, with the figures that caused it.

    `subject` is `marketing` or `kind:<name>`, `level` `alarm`, `slow` or `stop`, `measure`
    `complaints`, `unsubscribes` or `bounces`. It holds while `ended_at` is NULL; `ended_by` is the
    member of staff who let sending go on, NULL when the figures recovered. `epoch` is from which
    epoch on figures count again.
    """

    __tablename__ = "sending_brakes"
    subject: Mapped[str] = mapped_column(String(64))
    level: Mapped[str] = mapped_column(String(8))
    measure: Mapped[str] = mapped_column(String(16))
    count: Mapped[int]
    total: Mapped[int]
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(String(64))
    epoch: Mapped[int | None]
    __table_args__ = (
        Index(
            "uq_sending_brakes_holding",
            "shop_id",
            "subject",
            "measure",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )


class DeliveryEvent(ShopRow, Base):
    """What a provider reported of a message, once; append-only. `kind` is `delivered`,
    `hard_bounce`, `soft_bounce`, `complained`, `delayed` or `unsubscribed`."""

    __tablename__ = "delivery_events"
    provider: Mapped[str] = mapped_column(String(16))
    event_id: Mapped[str] = mapped_column(String(160))
    kind: Mapped[str] = mapped_column(String(16))
    message_id: Mapped[int | None] = mapped_column(BigInteger)
    address: Mapped[str | None] = mapped_column(String(320))
    detail: Mapped[str | None]
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.okaeri_now())
    __table_args__ = (
        UniqueConstraint("shop_id", "provider", "event_id"),
        Index(None, "shop_id", "address", "kind", "occurred_at"),
        Index(None, "shop_id", "message_id"),
    )
