"""Which offer an order gets, what comes after a no, and why, through the extension's door."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.core.clock import now
from app.discounts import queries as discounts
from app.discounts.model import DiscountCode, DiscountPool
from app.mirror.model import Customer, Variant
from app.recommendations import service as recommendations
from app.thankyou import queries
from app.thankyou.model import Offer
from tests import make, sign
from tests.thankyou.conftest import Ask, Offering, offer, ready

Later = Callable[..., None]


def decline(client: FlaskClient, offering: Offering, token: str = "checkout-1") -> Any:
    body = {"checkout_token": token, "locale": "ja-JP", "lines": offering.cart}
    answer = client.post(
        "/widget/thank-you/decline", json=body, headers=sign.widget(offering.shop.domain)
    )
    assert answer.status_code == 200
    return answer.json


def another(
    offering: Offering, title: str, *, step: int = 1, position: int = 2, **given: Any
) -> int:
    """One more offer of a product of its own, with codes ready; its product's number."""
    with offering.shop.work() as session:
        product, variant = make.product(session, title=title)
        session.add(
            offer(
                offering.shop,
                [variant.shopify_id],
                name=title,
                step=step,
                position=position,
                **given,
            )
        )
        ready(session, offering.shop, [variant.shopify_id], given.get("percent", 10))
        return product.shopify_id


def first_offer(offering: Offering, **changes: Any) -> None:
    with offering.shop.work() as session:
        found = session.scalars(select(Offer).order_by(Offer.position)).first()
        for name, value in changes.items():
            setattr(found, name, value)


def place(offering: Offering, token: str = "checkout-1", **given: Any) -> int:
    with offering.shop.work() as session:
        return make.order(session, checkout_token=token, **given).id


def outcomes(offering: Offering, token: str = "checkout-1") -> list[tuple[str, str]]:
    with offering.shop.work() as session:
        found = queries.grant_of_checkout(session, token)
        assert found is not None
        return [(one.offer_name, one.outcome) for one in queries.decisions(session, found)]


def test_the_first_offer_whose_conditions_hold_is_shown(offering: Offering, ask: Ask) -> None:
    first_offer(offering, conditions={"buyers": "first", "least_minor": 99_000})
    another(offering, "マグ")
    another(offering, "フィルター", position=3)
    place(offering, total_minor=1980)
    assert ask()["offer"]["title"].startswith("マグ")
    assert outcomes(offering) == [("Dripper", "too_small"), ("マグ", "shown")]


def test_conditions_ask_about_the_customers_tags(offering: Offering, ask: Ask) -> None:
    first_offer(offering, conditions={"tags": ["VIP"]})
    place(offering)
    place(offering, "checkout-2")
    with offering.shop.work() as session:
        for one in session.scalars(select(Customer).order_by(Customer.id).offset(1)):
            one.tags = ["vip"]
    assert ask()["offer"] is None
    assert ask("checkout-2")["offer"] is not None


def test_a_no_brings_one_other_offer_and_then_silence(
    client: FlaskClient, offering: Offering, ask: Ask
) -> None:
    second = another(offering, "マグ", step=2)
    place(offering)
    shown = ask()["offer"]
    answer = decline(client, offering)
    assert answer["offer"]["step"] == 2
    assert answer["offer"]["title"].startswith("マグ")
    assert answer["offer"]["deadline_iso"] >= shown["deadline_iso"]
    # A reload and another device see the second offer, not the first one again.
    assert ask()["offer"]["accept_url"] == answer["offer"]["accept_url"]
    # A no takes nothing back: the first price was said to hold until its deadline.
    assert client.get(urlsplit(shown["accept_url"]).path).status_code == 302
    silent = decline(client, offering)
    assert silent["offer"] is None
    assert silent["offer_over"].startswith("かしこまりました")
    assert decline(client, offering)["offer"] is None
    with offering.shop.work() as session:
        assert len(queries.grants_of_checkout(session, "checkout-1")) == 2
        order = session.scalars(select(Customer)).first()
        assert order is not None
        assert discounts.cooling(
            session, customer_id=order.id, email=None, percent=10, products=[second]
        )


def test_the_second_offer_is_never_the_first_one_cheaper(
    client: FlaskClient, offering: Offering, ask: Ask
) -> None:
    with offering.shop.work() as session:
        session.add(offer(offering.shop, [offering.variant], name="Again", step=2, percent=30))
        ready(session, offering.shop, [offering.variant], 30)
    place(offering)
    ask()
    assert decline(client, offering)["offer"] is None
    assert outcomes(offering)[-1] == ("Again", "as_before")


def test_a_bundle_is_one_price_and_one_cart(
    client: FlaskClient, offering: Offering, ask: Ask
) -> None:
    with offering.shop.work() as session:
        _mug, variant = make.product(session, title="マグ", price_minor=1001)
        both = [offering.variant, variant.shopify_id]
        mug = variant.shopify_id
        found = session.scalars(select(Offer)).one()
        found.what, found.variants = "bundle", both
        ready(session, offering.shop, both)
    place(offering)
    shown = ask()["offer"]
    assert " + " in shown["title"]
    assert shown["price_text"] == "¥2,683（税込）"
    assert shown["was_text"] == "単品合計 ¥2,981"
    path = urlsplit(shown["accept_url"]).path
    target = urlsplit(client.get(path).headers["Location"])
    assert target.path == f"/cart/{offering.variant}:1,{mug}:1"
    assert parse_qs(target.query)["discount"]
    with offering.shop.work() as session:
        session.scalars(select(Variant).where(Variant.shopify_id == mug)).one().inventory = 0
    assert client.get(path).status_code == 410


def test_what_is_recommended_waits_for_its_code(offering: Offering, ask: Ask, later: Later) -> None:
    with offering.shop.work() as session:
        bought, bought_variant = make.product(session, title="豆")
        fits, variant = make.product(session, title="ミル", price_minor=2500)
        recommendations.pick(session, fits.shopify_id, bought.shopify_id)
        make.order(session, checkout_token="checkout-1", items=[(bought, bought_variant)])
        found = session.scalars(select(Offer)).one()
        found.what, found.variants = "recommended", []
        number = variant.shopify_id
    waiting = ask()
    assert waiting["offer"] is None
    assert waiting["ask_again_in"] == 2
    with offering.shop.work() as session:
        pool = session.scalars(
            select(DiscountPool).where(DiscountPool.campaign == f"offer:{number}:10")
        ).one()
        assert pool.variants == [number]
        session.add(
            DiscountCode(
                shop_id=offering.shop.id, pool_id=pool.id, code="OKAERI-MILL", state="free"
            )
        )
    shown = ask()["offer"]
    assert shown["title"].startswith("ミル")
    assert shown["why_text"] == "当店のおすすめです"


def test_what_was_returned_or_costs_money_is_not_offered(offering: Offering, ask: Ask) -> None:
    first_offer(offering, least_margin=40, assumed_cost=60)
    place(offering)
    assert ask()["offer"] is None
    assert outcomes(offering) == [("Dripper", "below_floor")]
    with offering.shop.work() as session:
        story = queries.offer_story(session, 1, now(session))
        assert story is not None
        assert story.why.endswith("you want at least 40.")
        variant = session.scalars(
            select(Variant).where(Variant.shopify_id == offering.variant)
        ).one()
        variant.cost_minor = 900
    place(offering, "checkout-2")
    assert ask("checkout-2")["offer"] is not None


@pytest.mark.parametrize("country", ["DE", "GB"])
def test_without_a_deadline_nothing_is_promised_to_end(
    offering: Offering, ask: Ask, country: str
) -> None:
    with offering.shop.work() as session:
        buyer = make.customer(session)
    for number in (1, 2):
        address = {"country_code": country}
        place(offering, f"checkout-{number}", buyer=buyer, shipping_address=address)
        assert ask(f"checkout-{number}")["offer"]["deadline_text"] is None
