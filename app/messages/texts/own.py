"""The shop's own text of a message with everything it shows, ready to be rendered."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.money import Money, show_money
from app.messages import samples
from app.messages.context import Item
from app.messages.extras import FEW, SHORT, Suggested, suggested
from app.messages.facts import TEST, Facts
from app.messages.model import Message
from app.messages.names import shorten
from app.messages.render import Text
from app.messages.texts import codes, store
from app.messages.texts.blocks import Content, ProductBlock
from app.messages.texts.filling import Offered
from app.mirror import queries as mirror
from app.mirror.model import Product


def own_text(session: Session, message: Message, facts: Facts) -> Text | None:
    """What the shop says at this message's place; None where it says Okaeri's own text."""
    row = store.of_message(session, message)
    if row is None:
        return None
    text = with_products(session, store.content_of(row), facts)
    block = codes.single(text.content)
    if block is None or facts.message_class == TEST:
        return text
    return replace(text, single=codes.hand_out(session, message, facts, block))


def with_products(session: Session, content: Content, facts: Facts) -> Text:
    """A text with the products it names, as they are now, and what fits its reader. One that is
    gone is left out; a code of the reader's own is only shown as it would look."""
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
    block = codes.single(content)
    single = codes.sample(block, facts, now(session)) if block else None
    fitting, made_up = _suggested(session, content, facts), facts.message_class == TEST
    return Text(content, offered, today, fitting, single, made_up)


def _suggested(session: Session, content: Content, facts: Facts) -> dict[str, list[Suggested]]:
    """What fits the reader, by what for. A made-up reader sees some of the shop's products."""
    blocks = [block for block in content.blocks if isinstance(block, ProductBlock)]
    found: dict[str, list[Suggested]] = {
        purpose: suggested(session, facts, purpose, FEW)
        for purpose in {block.suggests for block in blocks}
        if purpose
    }
    if facts.message_class != TEST:
        return found
    return {purpose: some or samples.suggested(session, facts) for purpose, some in found.items()}


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
