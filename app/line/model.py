"""Tables of the LINE room. User ids are personal data: sealed, and found again by their hash."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, String, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, ShopRow


class LineAccount(ShopRow, Base):
    """The shop's official account, at most one. Secrets are sealed. `limits` is the merchant's
    budget: `{"month": 500, "journeys": {"review": 100}}`, each optional. `quota_*` is what LINE
    said last; `quota_limit` None means that the plan has no end."""

    __tablename__ = "line_accounts"
    bot_user_id: Mapped[str] = mapped_column(String(64))
    basic_id: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(128))
    channel_id: Mapped[str] = mapped_column(String(32))
    channel_secret: Mapped[str]
    channel_token: Mapped[str]
    login_channel_id: Mapped[str | None] = mapped_column(String(32))
    login_channel_secret: Mapped[str | None]
    menu_id: Mapped[str | None] = mapped_column(String(64))
    limits: Mapped[dict[str, Any]] = mapped_column(default=dict)
    quota_limit: Mapped[int | None]
    quota_used: Mapped[int] = mapped_column(default=0)
    quota_read_at: Mapped[datetime | None]
    #: LINE has one webhook an account: `us`, or `other` where another tool receives it and hands it
    #: on to us.
    webhook_by: Mapped[str] = mapped_column(String(8), default="us")
    #: Sealed: to which address of another tool we hand on what LINE posts; None for nobody.
    forward_url: Mapped[str | None]
    #: Notification messages: their type, who said that LINE agreed and that the privacy policy
    #: tells of them, and when. None while they are off.
    notices: Mapped[dict[str, Any] | None]
    connected_at: Mapped[datetime]
    connected_by: Mapped[str] = mapped_column(String(64))
    __table_args__ = (UniqueConstraint("shop_id"),)


class LineFriend(ShopRow, Base):
    """Somebody who added the account; `left_at` when they blocked it. 30 days after that the row
    goes (rules.md LN-4)."""

    __tablename__ = "line_friends"
    user_hash: Mapped[str] = mapped_column(String(64))
    since: Mapped[datetime]
    left_at: Mapped[datetime | None]
    __table_args__ = (UniqueConstraint("shop_id", "user_hash"),)


class LineNonce(ShopRow, Base):
    """A nonce of a link flow, used at most once (rules.md LN-2): only its hash is kept. One of the
    account-link dialog says whose it is; one of LINE Login carries that in its signed state."""

    __tablename__ = "line_nonces"
    nonce_hash: Mapped[str] = mapped_column(String(64))
    customer_id: Mapped[int | None] = mapped_column(BigInteger)
    order_id: Mapped[int | None] = mapped_column(BigInteger)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("shop_id", "nonce_hash"),
        Index(None, "shop_id", "customer_id"),
    )


class LineQuestion(ShopRow, Base):
    """Something a person asked: `about` is `status`, `reorder`, `link`, `help`, `welcome`, `stars`
    or `linked`; `details` are ids. `reply_token` is good for one answer within a minute, then gone.
    """

    __tablename__ = "line_questions"
    about: Mapped[str] = mapped_column(String(16))
    user_sealed: Mapped[str]
    customer_id: Mapped[int | None] = mapped_column(BigInteger)
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    reply_token: Mapped[str | None] = mapped_column(String(128))
    asked_at: Mapped[datetime] = mapped_column(server_default=func.okaeri_now())
    answered_at: Mapped[datetime | None]
    __table_args__ = (Index(None, "shop_id", "customer_id"), Index(None, "shop_id", "asked_at"))


class LineSpend(ShopRow, Base):
    """How many messages that count left in a month (Japan's calendar) for a journey."""

    __tablename__ = "line_spends"
    month: Mapped[str] = mapped_column(String(7))
    journey: Mapped[str] = mapped_column(String(48))
    sent: Mapped[int] = mapped_column(default=0)
    __table_args__ = (UniqueConstraint("shop_id", "month", "journey"),)
