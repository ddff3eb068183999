"""Tables of the thank-you room."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, String, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, ShopRow


class ThankYouVisit(ShopRow, Base):
    """One checkout whose thank-you page was seen. It exists before the order does on our side and
    is joined to it on the checkout token."""

    __tablename__ = "thank_you_visits"
    checkout_token: Mapped[str] = mapped_column(String(64))
    order_id: Mapped[int | None] = mapped_column(BigInteger)
    order_shopify_id: Mapped[int | None] = mapped_column(BigInteger)
    locale: Mapped[str] = mapped_column(String(2))
    first_seen_at: Mapped[datetime] = mapped_column(server_default=func.okaeri_now())
    __table_args__ = (
        UniqueConstraint("shop_id", "checkout_token"),
        Index(None, "shop_id", "order_id"),
        Index(
            "ix_thank_you_visits_strangers",
            "shop_id",
            "first_seen_at",
            postgresql_where=text("order_id IS NULL"),
        ),
    )


class Offer(ShopRow, Base):
    """What the merchant would offer, to whom, how. The first one by `position` whose conditions
    hold is shown. `what`: `fixed` (one variant), `bundle` (several, together at one price) or
    `recommended` (found by the recommendations room; `variants` is empty). `step` 2 is for after a
    first offer was declined. `timer`: `usual` (a deadline, except where the law is strict about
    them) or `none`. `conditions` is a `thankyou.offers.conditions.Conditions`. `least_margin` and
    `assumed_cost` are percents of the price: below that margin nothing is sold, and that share is
    taken for the cost where Shopify knows none. `removed_at`: no longer there, but its grants
    still name it."""

    __tablename__ = "offers"
    name: Mapped[str] = mapped_column(String(120))
    position: Mapped[int]
    enabled: Mapped[bool]
    step: Mapped[int]
    what: Mapped[str] = mapped_column(String(16))
    variants: Mapped[list[Any]]
    percent: Mapped[int]
    minutes: Mapped[int]
    timer: Mapped[str] = mapped_column(String(8))
    conditions: Mapped[dict[str, Any]]
    least_margin: Mapped[int]
    assumed_cost: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(server_default=func.okaeri_now())
    removed_at: Mapped[datetime | None]


class OfferDecision(ShopRow, Base):
    """How one offer fared for one checkout: `outcome` is `shown`, or why it was not (see
    `thankyou.offers.reasons`), `details` the figures that decided it. `offer_id` is None where
    none was even looked at."""

    __tablename__ = "offer_decisions"
    checkout_token: Mapped[str] = mapped_column(String(64))
    offer_id: Mapped[int | None] = mapped_column(BigInteger)
    offer_name: Mapped[str] = mapped_column(String(120))
    step: Mapped[int]
    outcome: Mapped[str] = mapped_column(String(32))
    details: Mapped[dict[str, Any]]
    decided_at: Mapped[datetime]
    __table_args__ = (Index(None, "shop_id", "checkout_token"),)


class OfferGrant(ShopRow, Base):
    """The offer one checkout got: decided once, at the first eligible render, and once more
    (`step` 2) when the first is declined. `deadline` never moves. When no offer was made, `reason`
    says why and the rest is empty. `terms` is what was shown (title, prices, percent, variants),
    kept as evidence. `variant_shopify_id` is the first of its variants."""

    __tablename__ = "offer_grants"
    checkout_token: Mapped[str] = mapped_column(String(64))
    offer_id: Mapped[int | None] = mapped_column(BigInteger)
    step: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    variant_shopify_id: Mapped[int | None] = mapped_column(BigInteger)
    code_id: Mapped[int | None] = mapped_column(BigInteger)
    reason: Mapped[str | None] = mapped_column(String(64))
    terms: Mapped[dict[str, Any]] = mapped_column(default=dict)
    shown_at: Mapped[datetime] = mapped_column(server_default=func.okaeri_now())
    deadline: Mapped[datetime | None]
    accepted_order_id: Mapped[int | None] = mapped_column(BigInteger)
    declined_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("shop_id", "checkout_token", "step"),
        Index(None, "shop_id", "offer_id", "shown_at"),
        Index(None, "shop_id", "code_id"),
        Index(None, "shop_id", "shown_at"),
    )
