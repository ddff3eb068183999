"""Orders and their lines."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Computed,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base, ShopRow


class Order(ShopRow, Base):
    """An order. Amounts are minor units of `currency`. `checkout_token` joins it to what happened
    on the thank-you page before we knew the order; `nth` counts the customer's orders from 1.
    `name_digits` is what people type for `#1001`; the database keeps it, as it keeps `email_key`,
    by which a guest's orders are found. `current_total_minor` is what is left after refunds and
    edits, once a payload has said so. `for_company`: one of Shopify's companies bought it (B2B);
    of the billing address its company alone is kept. `paid_on_delivery`: the carrier collects the
    money; `awaited_payment`: the shop has had to wait for it, whether it came since or not."""

    __tablename__ = "orders"
    shopify_id: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(64))
    name_digits: Mapped[str | None] = mapped_column(
        Computed("regexp_replace(name, '[^0-9]', '', 'g')", persisted=True)
    )
    confirmation_number: Mapped[str | None] = mapped_column(String(32))
    checkout_token: Mapped[str | None] = mapped_column(String(64))
    customer_id: Mapped[int | None] = mapped_column(BigInteger)
    email: Mapped[str | None]
    email_key: Mapped[str | None] = mapped_column(Computed("lower(email)", persisted=True))
    phone: Mapped[str | None]
    locale: Mapped[str | None] = mapped_column(String(16))
    currency: Mapped[str] = mapped_column(String(3))
    subtotal_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    shipping_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    tax_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    discount_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    total_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    current_total_minor: Mapped[int | None] = mapped_column(BigInteger)
    taxes_included: Mapped[bool] = mapped_column(default=True)
    financial_status: Mapped[str] = mapped_column(String(24), default="pending")
    paid_on_delivery: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    awaited_payment: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    fulfillment_status: Mapped[str | None] = mapped_column(String(24))
    source_name: Mapped[str | None] = mapped_column(String(64))
    test: Mapped[bool] = mapped_column(default=False)
    placed_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]
    refunded_at: Mapped[datetime | None]
    shipping_address: Mapped[dict[str, Any] | None]
    billing_company: Mapped[str | None]
    for_company: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    note_attributes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    discount_codes: Mapped[list[str]] = mapped_column(default=list)
    status_url: Mapped[str | None]
    nth: Mapped[int | None]
    source_updated_at: Mapped[datetime | None]
    redacted_at: Mapped[datetime | None]
    lines: Mapped[list[OrderLine]] = relationship(
        lazy="raise", order_by="OrderLine.id", back_populates="order", passive_deletes=True
    )
    __table_args__ = (
        ForeignKeyConstraint(["shop_id", "customer_id"], ["customers.shop_id", "customers.id"]),
        UniqueConstraint("shop_id", "shopify_id"),
        Index(None, "shop_id", "checkout_token"),
        Index(None, "shop_id", "customer_id", "placed_at"),
        Index(None, "shop_id", "placed_at"),
        Index(
            "ix_orders_guest",
            "shop_id",
            "email_key",
            postgresql_where=text("customer_id IS NULL"),
        ),
        Index(None, "shop_id", "name_digits"),
    )

    @property
    def company(self) -> str:
        """The company it goes to, or is billed to; empty when it names none."""
        return (self.shipping_address or {}).get("company") or self.billing_company or ""


class OrderLine(ShopRow, Base):
    """One line. `quantity` was bought, `current_quantity` is left after refunds, edits and returns:
    the less of `said_quantity`, which the order's own payload says is left (None: not since returns
    are kept), and of what no approved return takes back (`returned_quantity`). `price_minor` is one
    unit before discounts. Product and variant are Shopify's ids. `plan_name` is the selling plan it
    was bought with, `plan_kind` Shopify's category of it (None: nobody says), `plan_days` how often
    that orders anew (see `mirror.subscriptions`)."""

    __tablename__ = "order_lines"
    order_id: Mapped[int] = mapped_column(BigInteger)
    shopify_id: Mapped[int] = mapped_column(BigInteger)
    product_shopify_id: Mapped[int | None] = mapped_column(BigInteger)
    variant_shopify_id: Mapped[int | None] = mapped_column(BigInteger)
    title: Mapped[str]
    variant_title: Mapped[str] = mapped_column(default="")
    sku: Mapped[str] = mapped_column(default="")
    quantity: Mapped[int]
    current_quantity: Mapped[int]
    said_quantity: Mapped[int | None]
    returned_quantity: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    price_minor: Mapped[int] = mapped_column(BigInteger)
    discount_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    requires_shipping: Mapped[bool] = mapped_column(default=True)
    gift_card: Mapped[bool] = mapped_column(default=False)
    attributes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    plan_name: Mapped[str | None]
    plan_kind: Mapped[str | None] = mapped_column(String(24))
    plan_days: Mapped[int | None]
    order: Mapped[Order] = relationship(lazy="raise", back_populates="lines")
    __table_args__ = (
        ForeignKeyConstraint(
            ["shop_id", "order_id"], ["orders.shop_id", "orders.id"], ondelete="CASCADE"
        ),
        UniqueConstraint("shop_id", "shopify_id"),
        Index(None, "shop_id", "order_id"),
        Index(None, "shop_id", "product_shopify_id"),
    )
