"""A shop with an offer and codes ready, and a thank-you page that asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from app.core import clock
from app.core.clock import now
from app.discounts.model import DiscountCode, DiscountPool
from app.shops.service import shop as shop_of
from tests import make, sign

PRICE = 1980


@dataclass
class Offering:
    """The shop, the variant on offer and the numbers of the goods in the cart."""

    shop: make.MadeShop
    product: int
    variant: int
    cart: list[dict[str, Any]] = field(default_factory=list)


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
            "offer": {"enabled": True, "variant_shopify_id": variant.shopify_id, "percent": 10},
        }
        moment = now(session)
        pool = DiscountPool(
            shop_id=shop.id,
            campaign=f"offer:{variant.shopify_id}:10",
            day=moment.date(),
            percent=10,
            variant_shopify_id=variant.shopify_id,
            discount_gid="gid://shopify/DiscountCodeNode/1",
            ends_at=moment + timedelta(days=2),
        )
        session.add(pool)
        session.flush()
        for number in range(3):
            session.add(
                DiscountCode(
                    shop_id=shop.id,
                    pool_id=pool.id,
                    code=f"OKAERI-TEST{number}",
                    redeem_code_gid=f"gid://shopify/DiscountRedeemCode/{number}",
                    state="free",
                )
            )
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
