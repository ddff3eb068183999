"""Tables of the consent room."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, String, Text, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from app.core.claim import Claimable, queue_indexes
from app.core.db import Base, ShopRow

#: What marketing can be about. A person decides about each of them, or about all at once.
TOPICS = (
    "reviews",
    "replenishment",
    "recommendations",
    "offers",
    "loyalty",
    "feedback",
    "news",
)
#: The ledger's word about all marketing by a channel.
GENERAL = "marketing"
#: Notices about what somebody ordered. By e-mail they go to every buyer; by LINE, SMS and push they
#: are a choice of their own beside the advertising (rules.md LN-1).
ORDERS = "orders"
#: The source of a word that a merchant's list brought along.
FROM_LIST = "import"
#: The channels over which somebody may be reached.
CHANNELS = ("email", "line", "sms", "push")
#: Where one word is about all marketing, because others who send there know no topics.
UNDIVIDED = frozenset({"sms"})
#: For this, what speaks of an order's goods as if they were there waits, too.
NOT_RECEIVED = "not_received"
#: Why everything that sells may have to wait for a person.
HOLD_REASONS = ("delay", "return", "complaint", NOT_RECEIVED, "customer_pause")


class ConsentRecord(ShopRow, Base):
    """The ledger: append-only. The newest record of a (customer, channel, topic) counts."""

    __tablename__ = "consent_records"
    customer_id: Mapped[int] = mapped_column(BigInteger)
    channel: Mapped[str] = mapped_column(String(16))
    topic: Mapped[str] = mapped_column(String(32), default="marketing")
    granted: Mapped[bool]
    source: Mapped[str] = mapped_column(String(48))
    evidence: Mapped[dict[str, Any]] = mapped_column(default=dict)
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.okaeri_now())
    __table_args__ = (Index(None, "shop_id", "customer_id", "channel", "topic", "occurred_at"),)


class ConsentText(ShopRow, Base):
    """The words somebody agreed to, kept once; ledger records name them by their hash."""

    __tablename__ = "consent_texts"
    hash: Mapped[str] = mapped_column(String(64))
    locale: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Text)
    first_used_at: Mapped[datetime] = mapped_column(server_default=func.okaeri_now())
    __table_args__ = (UniqueConstraint("shop_id", "hash"),)


class ConsentRequest(ShopRow, Base):
    """A consent that waits for its confirmation by a second click (double opt-in). `mailed_at` is
    when the mail with the link went out; None while nobody has asked for it (`optin.ask`)."""

    __tablename__ = "consent_requests"
    customer_id: Mapped[int] = mapped_column(BigInteger)
    channel: Mapped[str] = mapped_column(String(16), default="email")
    source: Mapped[str] = mapped_column(String(48))
    evidence: Mapped[dict[str, Any]] = mapped_column(default=dict)
    given_at: Mapped[datetime]
    asked_at: Mapped[datetime] = mapped_column(server_default=func.okaeri_now())
    mailed_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    __table_args__ = (Index(None, "shop_id", "customer_id"),)


class Birthday(ShopRow, Base):
    """The day on which a person would like to be wished well, as they told us; no year (C13)."""

    __tablename__ = "birthdays"
    customer_id: Mapped[int] = mapped_column(BigInteger)
    month: Mapped[int]
    day: Mapped[int]
    told_at: Mapped[datetime] = mapped_column(server_default=func.okaeri_now())
    __table_args__ = (
        ForeignKeyConstraint(
            ["shop_id", "customer_id"], ["customers.shop_id", "customers.id"], ondelete="CASCADE"
        ),
        UniqueConstraint("shop_id", "customer_id"),
    )


class Suppression(ShopRow, Base):
    """An address that gets nothing of a class any more. `scope` is `marketing` or `all`.

    The hash keeps the promise; the address itself is only here while it belongs to somebody we
    know, and goes when they are erased.
    """

    __tablename__ = "suppressions"
    channel: Mapped[str] = mapped_column(String(16))
    address: Mapped[str | None] = mapped_column(String(320))
    address_hash: Mapped[str] = mapped_column(String(64))
    scope: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(48))
    created_at: Mapped[datetime] = mapped_column(server_default=func.okaeri_now())
    __table_args__ = (UniqueConstraint("shop_id", "channel", "address_hash", "scope"),)


class ConsentImport(Claimable, ShopRow, Base):
    """A list brought along from another mail service. `state` is `draft` until the merchant has
    chosen what it means, then that of a queue; each batch of rows is one claim."""

    __tablename__ = "consent_imports"
    filename: Mapped[str] = mapped_column(String(200))
    digest: Mapped[str] = mapped_column(String(64))
    encoding: Mapped[str] = mapped_column(String(16))
    delimiter: Mapped[str] = mapped_column(String(1))
    #: The list's own names of the columns we read: `email`, `date`, `source`, `status`.
    columns: Mapped[dict[str, Any]]
    origin: Mapped[str] = mapped_column(String(16))
    choice: Mapped[str] = mapped_column(String(16), default="")
    staff: Mapped[str] = mapped_column(String(64), default="")
    rows: Mapped[int] = mapped_column(default=0)
    rows_done: Mapped[int] = mapped_column(default=0)
    rows_changed: Mapped[int] = mapped_column(default=0)
    rows_known: Mapped[int] = mapped_column(default=0)
    rows_bad: Mapped[int] = mapped_column(default=0)
    uploaded_at: Mapped[datetime] = mapped_column(server_default=func.okaeri_now())
    finished_at: Mapped[datetime | None]
    __table_args__ = (
        Index(None, "shop_id", "uploaded_at"),
        *queue_indexes("consent_imports"),
    )


class ConsentImportPart(ShopRow, Base):
    """A piece of an uploaded file, gone once its rows are read."""

    __tablename__ = "consent_import_parts"
    import_id: Mapped[int] = mapped_column(BigInteger)
    number: Mapped[int]
    content: Mapped[bytes]
    __table_args__ = (
        UniqueConstraint("shop_id", "import_id", "number"),
        ForeignKeyConstraint(
            ["shop_id", "import_id"],
            ["consent_imports.shop_id", "consent_imports.id"],
            ondelete="CASCADE",
        ),
    )


class ConsentImportProblem(ShopRow, Base):
    """A row that could not be read: its line in the file, what stood there, and why."""

    __tablename__ = "consent_import_problems"
    import_id: Mapped[int] = mapped_column(BigInteger)
    line: Mapped[int]
    value: Mapped[str] = mapped_column(String(120))
    reason: Mapped[str] = mapped_column(String(32))
    __table_args__ = (
        Index(None, "shop_id", "import_id", "line"),
        ForeignKeyConstraint(
            ["shop_id", "import_id"],
            ["consent_imports.shop_id", "consent_imports.id"],
            ondelete="CASCADE",
        ),
    )


class Hold(Claimable, ShopRow, Base):
    """Everything that sells waits for a person, because of an order or at their own wish. `state`
    is `scheduled` while it is open and `done` once it is over; `due_at` is the moment at which it
    ends by itself, NULL for one that only an event ends."""

    __tablename__ = "consent_holds"
    customer_id: Mapped[int | None] = mapped_column(BigInteger)
    order_id: Mapped[int | None] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(String(16))
    held_at: Mapped[datetime] = mapped_column(server_default=func.okaeri_now())
    released_at: Mapped[datetime | None]
    __table_args__ = (
        Index(None, "shop_id", "customer_id"),
        Index(None, "shop_id", "order_id"),
        *queue_indexes("consent_holds"),
    )

    @property
    def until(self) -> datetime | None:
        """When it ends by itself (business time); None when an event has to end it."""
        return self.due_at


class ChannelAddress(ShopRow, Base):
    """Where a customer is reached by a channel that Shopify knows nothing of. The address is
    sealed; its hash finds the customers behind a LINE user or a telephone."""

    __tablename__ = "channel_addresses"
    customer_id: Mapped[int] = mapped_column(BigInteger)
    channel: Mapped[str] = mapped_column(String(16))
    address_sealed: Mapped[str] = mapped_column(Text)
    address_hash: Mapped[str] = mapped_column(String(64))
    evidence: Mapped[dict[str, Any]] = mapped_column(default=dict)
    linked_at: Mapped[datetime] = mapped_column(server_default=func.okaeri_now())
    __table_args__ = (
        UniqueConstraint("shop_id", "customer_id", "channel"),
        Index(None, "shop_id", "channel", "address_hash"),
    )
