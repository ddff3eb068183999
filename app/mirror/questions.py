"""What pages ask of an order beside its lines, to be asked together with other things."""

from __future__ import annotations

from sqlalchemy import BigInteger, bindparam, select

from app.core.together import Question
from app.mirror.model import OrderLine, Return, Variant

#: The variants of an order's lines, as far as we know them.
VARIANTS = Question(
    select(Variant)
    .join(
        OrderLine,
        (OrderLine.shop_id == Variant.shop_id)
        & (OrderLine.variant_shopify_id == Variant.shopify_id),
    )
    .where(OrderLine.order_id == bindparam("order", type_=BigInteger))
)

#: An order's returns, oldest first.
RETURNS = Question(
    select(Return).where(Return.order_id == bindparam("order", type_=BigInteger)),
    Return.opened_at,
    Return.shopify_id,
)
