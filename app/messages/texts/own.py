"""The shop's own text of a message with everything it shows, ready to be rendered."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.money import Money, show_money
from app.messages.context import Item
from app.messages.extras import SHORT
from app.messages.facts import Facts
from app.messages.model import Message
from app.messages.names import shorten
from app.messages.render import Text
from app.messages.texts import store
from app.messages.texts.blocks import Content, ProductBlock
from app.messages.texts.filling import Offered
from app.mirror import queries as mirror
from app.mirror.model import Product


def own_text(session: Session, message: Message, facts: Facts) -> Text | None:
    """What the shop says at this message's place; None where it says Okaeri's own text."""
    row = store.of_message(session, message)
    return with_products(session, store.content_of(row), facts) if row else None


def with_products(session: Session, content: Content, facts: Facts) -> Text:
    """A text with the products it names, as they are now. One that is gone is left out."""
    chosen = {
        int(block.product)
        for block in content.blocks
        if isinstance(block, ProductBlock) and block.source == "chosen" and block.product.isdigit()
    }
    found = {number: mirror.product_by_shopify_id(session, number) for number in chosen}
    today = now(session).astimezone(ZoneInfo(facts.shop.timezone)).date()
    offered = {
        n: _offered(session, product, facts)
        for n, product in found.items()
        if product and product.deleted_at is None
    }
    return Text(content, offered, today)


def _offered(session: Session, product: Product, facts: Facts) -> Offered:
    variants = mirror.variants_of(session, product.id)
    price = Money(variants[0].price_minor, facts.shop.currency) if variants else None
    item = Item(
        title=product.title,
        short=shorten(product.title, SHORT),
        variant="",
        quantity=1,
        price=show_money(price, facts.locale) if price else "",
        image_url=product.image_url or "",
    )
    return Offered(item, f"{facts.shop.storefront_url}/products/{product.handle}")
