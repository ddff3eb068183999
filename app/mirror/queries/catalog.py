"""Reads of products and variants, and of those that were bought."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import BigInteger, ColumnElement, bindparam, func, or_, select
from sqlalchemy.orm import Session

from app.core.together import Question, Rows
from app.mirror.model import OrderLine, Product, Variant

#: Products on a page of the grid of kinds.
GRID = 50


def product_by_shopify_id(session: Session, shopify_id: int) -> Product | None:
    """The product with Shopify's number, deleted ones too."""
    return session.scalars(select(Product).where(Product.shopify_id == shopify_id)).one_or_none()


def product_by_id(session: Session, product_id: int) -> Product | None:
    """The product with our number, deleted ones too."""
    return session.get(Product, (session.info["shop_id"], product_id))


def products_for_lines(session: Session, lines: Sequence[OrderLine]) -> dict[int, Product]:
    """The products of lines by Shopify's product number; what we do not know is missing."""
    numbers = {line.product_shopify_id for line in lines if line.product_shopify_id}
    return {
        product.shopify_id: product
        for product in session.scalars(select(Product).where(Product.shopify_id.in_(numbers)))
    }


#: An order's lines and their products by Shopify's number.
Bought = tuple[list[OrderLine], dict[int, Product]]


def bought(session: Session, order_id: int) -> Bought:
    """An order's lines as `order_lines` and their products as `products_for_lines`, in one
    statement."""
    return bought_of(BOUGHT.ask(session, {"order": order_id}))


def bought_of(rows: Rows) -> Bought:
    """What the answer to `BOUGHT` says."""
    return [row[0] for row in rows], {row[1].shopify_id: row[1] for row in rows if row[1]}


#: Every message and every page of an order asks it.
BOUGHT = Question(
    select(OrderLine, Product)
    .outerjoin(
        Product,
        (Product.shop_id == OrderLine.shop_id)
        & (Product.shopify_id == OrderLine.product_shopify_id),
    )
    .where(OrderLine.order_id == bindparam("order", type_=BigInteger)),
    OrderLine.id,
)


def products(session: Session, limit: int = 250) -> list[Product]:
    """The shop's living products by title, for pickers in the admin."""
    return list(
        session.scalars(
            select(Product).where(Product.deleted_at.is_(None)).order_by(Product.title).limit(limit)
        )
    )


class KindGrid(NamedTuple):
    """A page of the grid of kinds: its products, how many there are in all, how many of those
    nobody has confirmed."""

    products: list[Product]
    total: int
    open: int


def kind_grid(
    session: Session, *, kind: str = "", unconfirmed: bool = False, text: str = "", page: int = 0
) -> KindGrid:
    """Living products by title, `GRID` a page, filtered by kind, by a part of title, type or
    vendor, and to those whose kind nobody has confirmed."""
    living: list[ColumnElement[bool]] = [Product.deleted_at.is_(None)]
    if kind:
        living.append(Product.kind == kind)
    if text:
        part = f"%{text.replace('%', '')}%"
        fields = (Product.title, Product.product_type, Product.vendor)
        living.append(or_(*(field.ilike(part) for field in fields)))
    unsure = Product.kind_confirmed_at.is_(None)
    count, open_ = session.execute(
        select(func.count(), func.count().filter(unsure)).select_from(Product).where(*living)
    ).one()
    shown = select(Product).where(*living, *([unsure] if unconfirmed else []))
    rows = session.scalars(
        shown.order_by(Product.title, Product.id).limit(GRID).offset(page * GRID)
    )
    return KindGrid(list(rows), int(open_ if unconfirmed else count), int(open_))


def collections(session: Session) -> list[str]:
    """The handles of the collections living products are in, alphabetically."""
    handle = func.jsonb_array_elements_text(Product.collections).label("handle")
    inner = select(handle).where(Product.deleted_at.is_(None)).subquery()
    return list(session.scalars(select(inner.c.handle).distinct().order_by(inner.c.handle)))


def product_types(session: Session) -> list[str]:
    """The product types in use, alphabetically."""
    return list(
        session.scalars(
            select(Product.product_type)
            .where(Product.deleted_at.is_(None), Product.product_type != "")
            .distinct()
            .order_by(Product.product_type)
        )
    )


def variant(session: Session, shopify_id: int) -> Variant | None:
    """The variant with Shopify's number."""
    return session.scalars(select(Variant).where(Variant.shopify_id == shopify_id)).one_or_none()


def variants_for_lines(session: Session, lines: Sequence[OrderLine]) -> dict[int, Variant]:
    """The variants of lines by Shopify's variant number; what we do not know is missing."""
    numbers = {line.variant_shopify_id for line in lines if line.variant_shopify_id}
    return {
        variant.shopify_id: variant
        for variant in session.scalars(select(Variant).where(Variant.shopify_id.in_(numbers)))
    }


def variants_of(session: Session, product_id: int) -> list[Variant]:
    """A product's variants."""
    return list(
        session.scalars(
            select(Variant).where(Variant.product_id == product_id).order_by(Variant.id)
        )
    )
