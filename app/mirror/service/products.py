"""Products and variants."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.errors import Invalid
from app.core.locale import gettext as _
from app.core.money import parse_money
from app.inbox.model import Webhook
from app.mirror import rules
from app.mirror.model import Product, Variant
from app.mirror.service import fields, rows
from app.mirror.service.prices import end_prices, note_prices
from app.shopify import payloads
from app.shopify.gateway import FoundProduct, FoundVariant
from app.shops import service as shops


def apply_product(session: Session, _webhook: Webhook, body: bytes) -> None:
    """`products/create` and `products/update`."""
    payload = payloads.product(body)
    currency = shops.shop(session).currency
    pictures = {image.id: image.src for image in payload.images}
    image = (payload.image and payload.image.src) or next(iter(pictures.values()), None)
    _keep(
        session,
        payload.id,
        payload.updated_at,
        {
            "title": payload.title,
            "handle": payload.handle,
            "product_type": payload.product_type or "",
            "vendor": payload.vendor or "",
            "tags": rules.split_tags(payload.tags),
            "status": payload.status.lower(),
            "image_url": image,
        },
        {variant.id: _webhook_variant(variant, currency, pictures) for variant in payload.variants},
        currency,
    )


def apply_product_deletion(session: Session, _webhook: Webhook, body: bytes) -> None:
    """`products/delete`: a tombstone, so that a late payload cannot bring the product back."""
    product = rows.product(session, payloads.product_deleted(body).id)
    product.deleted_at = product.deleted_at or now(session)
    product.status = "archived"
    sold = session.scalars(select(Variant.shopify_id).where(Variant.product_id == product.id))
    end_prices(session, sold.all(), now(session))


def keep_found(session: Session, found: FoundProduct, currency: str) -> None:
    """Keep a product of the catalogue as a backfill read it."""
    _keep(
        session,
        found.shopify_id,
        found.updated_at,
        {
            "title": found.title,
            "handle": found.handle,
            "product_type": found.product_type,
            "vendor": found.vendor,
            "collections": found.collections,
            "tags": found.tags,
            "status": found.status,
            "image_url": found.image_url,
        },
        {variant.shopify_id: _found_variant(variant, currency) for variant in found.variants},
        currency,
        {one.shopify_id: one.updated_at for one in found.variants if one.updated_at},
    )


def _keep(
    session: Session,
    shopify_id: int,
    moment: datetime,
    values: dict[str, Any],
    variants: dict[int, dict[str, Any]],
    currency: str,
    unchanged: Mapping[int, datetime] | None = None,
) -> None:
    """`unchanged` says since when Shopify changed nothing about a variant, where it does."""
    product = rows.product(session, shopify_id)
    known = product.source_updated_at
    # The same second twice is applied twice: a catalogue has no events that could double.
    if product.deleted_at is not None or (known is not None and moment < known):
        return
    for name, value in values.items():
        setattr(product, name, value)
    product.source_updated_at = moment
    ships = any(v["requires_shipping"] for v in variants.values()) or not variants
    _guess(product, ships=ships)
    _keep_variants(session, product, variants)
    since = unchanged or {}
    prices = {
        number: (values["price_minor"], since.get(number, moment))
        for number, values in variants.items()
    }
    note_prices(session, prices, currency, moment)


def confirm_kinds(
    session: Session, product_ids: Iterable[int], kind: str | None, staff: str | None
) -> int:
    """Note how products are used as somebody of the staff says, or with no `kind` that our guess
    is right; from then on no guess changes it. Returns how many; raises `Invalid` for a kind that
    does not exist."""
    if kind is not None and kind not in rules.KINDS:
        raise Invalid({"kind": _("Choose a kind from the list.")})
    products = _locked(session, product_ids)
    for product in products:
        product.kind = kind or product.kind
        product.kind_confirmed_at, product.kind_confirmed_by = now(session), staff
    return len(products)


def guess_again(session: Session, product_ids: Iterable[int]) -> int:
    """Take back what the staff confirmed and guess anew. Returns how many."""
    products = _locked(session, product_ids)
    for product in products:
        product.kind_confirmed_at = product.kind_confirmed_by = None
        variants = session.scalars(select(Variant).where(Variant.product_id == product.id)).all()
        _guess(product, ships=any(v.requires_shipping for v in variants) or not variants)
    return len(products)


def _locked(session: Session, product_ids: Iterable[int]) -> list[Product]:
    query = select(Product).where(Product.id.in_(list(product_ids)), Product.deleted_at.is_(None))
    return list(session.scalars(query.order_by(Product.id).with_for_update()))


def _guess(product: Product, *, ships: bool) -> None:
    guess = rules.guess_kind(
        product.product_type, product.tags, product.title, requires_shipping=ships
    )
    product.kind_reason = guess.reason
    if product.kind_confirmed_at is None:
        product.kind = guess.kind


def _keep_variants(session: Session, product: Product, variants: dict[int, dict[str, Any]]) -> None:
    known = {
        variant.shopify_id: variant
        for variant in session.scalars(select(Variant).where(Variant.product_id == product.id))
    }
    for shopify_id, values in variants.items():
        row = known.get(shopify_id)
        if row is None:
            row = Variant(shop_id=product.shop_id, product_id=product.id, shopify_id=shopify_id)
            session.add(row)
        for name, value in values.items():
            setattr(row, name, value)
    gone = known.keys() - variants.keys()
    if gone:
        session.execute(
            delete(Variant).where(Variant.product_id == product.id, Variant.shopify_id.in_(gone))
        )
        end_prices(session, gone, product.source_updated_at or now(session))
    session.flush()


def _webhook_variant(
    said: payloads.VariantPayload, currency: str, pictures: dict[int | None, str]
) -> dict[str, Any]:
    # Shopify counts stock only where it was asked to, and sells on at zero where told to.
    counted = said.inventory_management is not None
    left = said.inventory_quantity if counted else None
    return {
        "title": said.title,
        "sku": said.sku or "",
        "price_minor": fields.minor(said.price, currency),
        "inventory": left,
        "available": left is None or left > 0 or said.inventory_policy == "continue",
        "requires_shipping": said.requires_shipping,
        "image_url": pictures.get(said.image_id) if said.image_id else None,
    }


def _found_variant(found: FoundVariant, currency: str) -> dict[str, Any]:
    return {
        "title": found.title,
        "sku": found.sku,
        "price_minor": parse_money(str(found.price), currency).minor,
        "inventory": found.inventory,
        "available": found.available,
        "requires_shipping": found.requires_shipping,
        "cost_minor": None if found.cost is None else parse_money(str(found.cost), currency).minor,
    }
