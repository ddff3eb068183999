"""A shop with an offer and codes ready, and a thank-you page that asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.core import clock
from app.core.clock import now
from app.discounts.model import DiscountCode, DiscountPool
from app.discounts.rules import campaign_name
from app.shops.service import shop as shop_of
from app.thankyou.model import Offer
from tests import make, sign

PRICE = 1980


@dataclass
class Offering:
    """The shop, the variant on offer and the numbers of the goods in the cart."""

    shop: make.MadeShop
    product: int
    variant: int
    cart: list[dict[str, Any]] = field(default_factory=list)


def offer(shop: make.MadeShop, variants: list[int], **given: Any) -> Offer:
    """An offer for everybody; ten percent off for five minutes."""
    values: dict[str, Any] = {
        "name": "Dripper",
        "position": 1,
        "enabled": True,
        "step": 1,
        "what": "fixed",
        "percent": 10,
        "minutes": 5,
        "timer": "usual",
        "conditions": {},
        "least_margin": 0,
        "assumed_cost": 0,
    }
    return Offer(shop_id=shop.id, variants=variants, **{**values, **given})


def ready(
    session: Session, shop: make.MadeShop, variants: list[int], percent: int = 10, codes: int = 3
) -> None:
    """Codes for these terms, as if Shopify had made them."""
    moment, campaign = now(session), campaign_name(variants, percent)
    pool = DiscountPool(
        shop_id=shop.id,
        campaign=campaign,
        day=moment.date(),
        percent=percent,
        variants=variants,
        discount_gid="gid://shopify/DiscountCodeNode/1",
        ends_at=moment + timedelta(days=2),
    )
    session.add(pool)
    session.flush()
    session.add_all(
        DiscountCode(
            shop_id=shop.id,
            pool_id=pool.id,
            code=f"OKAERI-{campaign}-{number}"[-32:].upper(),
            redeem_code_gid=f"gid://shopify/DiscountRedeemCode/{number}",
            state="free",
        )
        for number in range(codes)
    )
    session.flush()


@pytest.fixture
def offering(shop: make.MadeShop) -> Offering:
    """Dripper at ¥1,980, ten percent off for five minutes; three codes are ready."""
    with shop.work() as session:
        product, variant = make.product(session, title="ドリッパー", price_minor=PRICE)
        bought, bought_variant = make.product(session)
        row = shop_of(session)
        row.settings = {
            **row.settings,
            "line_url": "https://line.me/R/ti/p/@hinata",
            "support_phone": "03-1234-5678",
        }
        session.add(offer(shop, [variant.shopify_id]))
        ready(session, shop, [variant.shopify_id])
        cart = [
            {
                "variant_id": f"gid://shopify/ProductVariant/{bought_variant.shopify_id}",
                "product_id": f"gid://shopify/Product/{bought.shopify_id}",
                "quantity": 1,
                "requires_shipping": True,
            }
        ]
        return Offering(shop, product.shopify_id, variant.shopify_id, cart)


Ask = Callable[..., Any]


@pytest.fixture
def ask(client: FlaskClient, offering: Offering) -> Ask:
    """Ask as the extension does; answers the JSON."""

    def post(
        token: str = "checkout-1", *, claims: dict[str, Any] | None = None, **given: Any
    ) -> Any:
        body = {"checkout_token": token, "locale": "ja-JP", "lines": offering.cart, **given}
        response = client.post(
            "/widget/thank-you",
            json=body,
            headers=sign.widget(offering.shop.domain, **(claims or {})),
        )
        assert response.status_code == 200, response.text
        return response.json

    return post


@pytest.fixture
def later(owner: Engine) -> Callable[..., None]:
    """Let business time pass."""

    def move(**span: float) -> None:
        clock.shift_to(owner, clock.business_now(owner) + timedelta(**span))

    return move
