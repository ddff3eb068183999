"""The merchant's pages of offers, through the admin's door."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from msgspec import structs
from sqlalchemy import select

from app.core.clock import now
from app.discounts.model import DiscountCampaign, DiscountCode
from app.messages.texts import store
from app.messages.texts.blocks import Content, Coupon, Text
from app.messages.texts.store import Place
from app.mirror.model import Customer, Order, OrderLine
from app.parcels.model import Parcel
from app.shops import service as shops
from app.shops import settings
from app.surveys import service as surveys
from app.thankyou.model import Offer, OfferGrant, ThankYouVisit
from tests import make, sign
from tests.thankyou.conftest import Ask, Offering, offer

URL = "/app/offers"


def read(client: FlaskClient, offering: Offering, path: str = "", language: str = "en") -> str:
    headers = sign.admin(offering.shop.domain, **{"Okaeri-Locale": language})
    answer = client.get(URL + path, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.text


def post(client: FlaskClient, offering: Offering, path: str, **form: Any) -> Any:
    return client.post(URL + path, data=form, headers=sign.admin(offering.shop.domain))


def form(offering: Offering, **changes: Any) -> dict[str, Any]:
    return {
        "name": "Mug",
        "what": "fixed",
        "variants": [str(offering.variant)],
        "percent": "20",
        "enabled": "on",
        "least": "3,000",
        "tags": "VIP、gold",
        "buyers": "repeat",
        **changes,
    }


def test_an_offer_is_made_changed_moved_switched_and_removed(
    client: FlaskClient, offering: Offering
) -> None:
    assert post(client, offering, "/new", **form(offering)).status_code == 303
    with offering.shop.work() as session:
        made = session.scalars(select(Offer).order_by(Offer.id.desc())).first()
        assert made is not None
        assert made.conditions["least_minor"] == 3000
        assert made.conditions["tags"] == ["VIP", "gold"]
        assert (made.percent, made.minutes, made.position) == (20, 5, 2)
        names = set(session.scalars(select(DiscountCampaign.name)))
        assert names == {f"offer:{offering.variant}:10", f"offer:{offering.variant}:20"}
        number = made.id
    page = read(client, offering, f"/{number}")
    assert 'value="3000"' in page
    assert 'value="VIP, gold"' in page
    post(client, offering, f"/{number}", **form(offering, name="Cup", percent="30", least=""))
    post(client, offering, f"/{number}/move", to="up")
    assert re.findall(r'data-name="([^"]+)"', read(client, offering)) == ["Cup", "Dripper"]
    post(client, offering, f"/{number}/switch", on="no")
    with offering.shop.work() as session:
        names = set(session.scalars(select(DiscountCampaign.name)))
        assert names == {f"offer:{offering.variant}:10"}
    post(client, offering, f"/{number}/remove")
    assert re.findall(r'data-name="([^"]+)"', read(client, offering)) == ["Dripper"]
    headers = sign.admin(offering.shop.domain)
    assert client.get(f"{URL}/{number}", headers=headers).status_code == 404


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"percent": "51"}, "percent"),
        ({"minutes": "１０"}, "minutes"),
        ({"variants": []}, "variants"),
        ({"variants": ["12345"]}, "variants"),
        ({"what": "bundle"}, "variants"),
        ({"least": "cheap"}, "least"),
        ({"most": "10"}, "most"),
        ({"least_margin": "100"}, "least_margin"),
    ],
)
def test_mistakes_come_back_with_what_was_typed(
    client: FlaskClient, offering: Offering, changes: dict[str, Any], field: str
) -> None:
    answer = post(client, offering, "/new", **form(offering, **changes))
    assert answer.status_code == 422
    assert f'id="e-{field}"' in answer.text
    assert 'value="VIP、gold"' in answer.text
    with offering.shop.work() as session:
        assert len(session.scalars(select(Offer)).all()) == 1


def test_other_shops_offers_are_nobodys(
    client: FlaskClient, offering: Offering, other_shop: make.MadeShop
) -> None:
    with other_shop.work() as session:
        theirs = offer(other_shop, [offering.variant])
        session.add(theirs)
        session.flush()
        number = theirs.id
    assert post(client, offering, f"/{number}/switch", on="no").status_code == 404
    assert post(client, offering, f"/{number}", **form(offering)).status_code == 404


def test_decisions_say_why_in_both_languages(
    client: FlaskClient, offering: Offering, ask: Ask
) -> None:
    with offering.shop.work() as session:
        made = make.order(session, checkout_token="checkout-1", name="#1001", total_minor=1500)
        session.scalars(select(Offer)).one().conditions = {"least_minor": 9000}
        number = made.id
    ask()
    assert "the order came to ¥1,500, and the offer begins at ¥9,000" in read(
        client, offering, "/decisions"
    )
    page = read(client, offering, "/decisions?outcome=not_shown", "ja")
    assert "ご注文金額は¥1,500で、条件は¥9,000以上です。" in page
    assert f'href="/app/orders/{number}"' in page
    assert 'data-testid="decision"' not in read(client, offering, "/decisions?outcome=shown")
    headers = sign.admin(offering.shop.domain, **{"Okaeri-Locale": "en"})
    order_page = client.get(f"/app/orders/{number}", headers=headers).text
    assert "the offer begins at ¥9,000" in order_page


def test_what_is_always_on_is_not_limited(client: FlaskClient, offering: Offering) -> None:
    assert "it is not limited" not in read(client, offering)
    with offering.shop.work() as session:
        made = session.scalars(select(Offer)).one()
        for day in range(1, 60):
            moment = now(session) - timedelta(days=day)
            session.add(
                OfferGrant(
                    shop_id=offering.shop.id,
                    checkout_token=f"past-{day}",
                    offer_id=made.id,
                    step=1,
                    terms={"timer": True},
                    shown_at=moment,
                    deadline=moment,
                )
            )
        number = made.id
    assert "Then it is not limited" in read(client, offering)
    post(client, offering, f"/{number}/untimed")
    assert "Then it is not limited" not in read(client, offering)


def test_the_evidence_names_what_was_promised_and_what_was_paid_later(
    client: FlaskClient, offering: Offering, ask: Ask, later: Any
) -> None:
    with offering.shop.work() as session:
        session.scalars(select(Offer)).one().name = "=HYPERLINK(1)"
        buyer = make.customer(session)
        make.order(session, checkout_token="checkout-1", name="#1001", buyer=buyer)
    ask()
    later(days=3)
    with offering.shop.work() as session:
        made = make.order(session, checkout_token="checkout-2", buyer=buyer)
        for line in session.scalars(select(OrderLine).where(OrderLine.order_id == made.id)):
            line.variant_shopify_id, line.price_minor = offering.variant, 1980
    headers = sign.admin(offering.shop.domain)
    text = client.get(f"{URL}/evidence.csv", headers=headers).text.removeprefix("\ufeff")
    (row,) = csv.DictReader(io.StringIO(text))
    assert row["order"] == "#1001"
    assert row["offer"] == "'=HYPERLINK(1)"
    assert (row["usual_price"], row["offer_price"], row["percent"]) == ("1980", "1782", "10")
    assert row["deadline_shown"] == "yes"
    assert row["deadline"] > row["shown_at"]
    assert (row["price_today"], row["later_price_same_customer"]) == ("1980", "1980")
    assert "@" not in text


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_preview_shows_the_block_and_keeps_nothing(
    client: FlaskClient, offering: Offering, language: str
) -> None:
    for width in ("360", "600"):
        page = read(client, offering, f"/preview?width={width}&locale={language}")
        assert f"lookalike--{width}" in page
        assert "ドリッパー" in page
        assert ("この価格は" if language == "ja" else "Price valid until") in page
    with offering.shop.work() as session:
        assert session.scalars(select(ThankYouVisit)).all() == []
        assert set(session.scalars(select(DiscountCode.state))) == {"free"}


#: What a page shows → of which buyer at which moment, besides the offer and the timeline.
SEEN = {
    ("new", "checkout"): {"survey", "reminder", "sms"},
    ("address", "checkout"): {"address", "survey", "reminder", "sms"},
    ("unpaid", "elsewhere"): {"survey", "reminder", "consent", "sms"},
    ("shipped", "line"): {"survey", "reminder", "consent", "sms"},
    ("delivered", "checkout"): {"survey", "reminder", "sms"},
    ("missed", "checkout"): {"survey", "reminder", "sms"},
}
#: What the timeline says at each moment.
SAID = {
    "new": "ご注文の受付",
    "unpaid": "ご入金をお待ちしております",
    "address": "〒100-0001",
    "shipped": "発送いたしました",
    "delivered": "使い方ガイドを読む",
    "missed": "お荷物をお調べしています",
}


def test_the_preview_shows_what_each_buyer_sees_at_each_moment(
    client: FlaskClient, offering: Offering
) -> None:
    with offering.shop.work() as session:
        surveys.switch(session, "gift", on=True)
        row = shops.shop(session)
        kept = shops.settings_of(row)
        wanted = structs.replace(
            kept,
            consent=structs.replace(kept.consent, ask_sms=True),
            addresses=structs.replace(kept.addresses, enabled=True),
        )
        row.settings = settings.dump(wanted)
    for (stage, buyer), parts in SEEN.items():
        page = read(client, offering, f"/preview?locale=ja&stage={stage}&buyer={buyer}")
        assert set(re.findall(r'data-testid="lookalike-(\w+)"', page)) == parts, (stage, buyer)
        assert SAID[stage] in page, stage
        assert ("この価格は" in page) is (stage in ("new", "unpaid", "address"))
    with offering.shop.work() as session:
        for table in (Order, Customer, Parcel, ThankYouVisit):
            assert session.scalars(select(table)).all() == []


def test_texts_that_make_a_deadline_untrue_are_named(
    client: FlaskClient, offering: Offering
) -> None:
    place = Place("win-back-offer", "ja")
    with offering.shop.work() as session:
        number = session.scalars(select(Offer.id)).first()
    post(client, offering, f"/{number}/switch", on="yes")
    assert 'data-testid="untrue"' not in read(client, offering)
    with offering.shop.work() as session:
        dear = Content(subject="a", blocks=(Coupon(code="A", percent="1"), Text(text="1%OFF")))
        store.publish(session, store.keep(session, place, dear), "7", [])
    assert 'data-testid="untrue"' not in read(client, offering)
    with offering.shop.work() as session:
        cheap = Content(subject="a", blocks=(Text(text="いつでも半額です。"),))
        store.publish(session, store.keep(session, place, cheap), "7", ["TM-3"])
    named = read(client, offering).split('data-testid="untrue"')[1].split("</ul>")[0]
    assert "/app/messages/edit/win-back-offer/ja" in named
    post(client, offering, f"/{number}/untimed")
    assert 'data-testid="untrue"' not in read(client, offering)
