"""The preview of a segment, through the admin's door."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from app.segments import queries
from tests import make, sign
from tests.make import MadeShop

EN = {"Okaeri-Locale": "en"}


def count(client: FlaskClient, shop: MadeShop, **asked: str) -> int:
    page = client.get(f"/app/segments?{urlencode(asked)}", headers=sign.admin(shop.domain, **EN))
    assert page.status_code == 200
    found = re.search(r'data-count="(\d+)"', page.text)
    assert found
    assert page.text.count('data-testid="person"') == min(10, int(found[1]))
    return int(found[1])


@pytest.fixture
def people(shop: MadeShop) -> MadeShop:
    """Three buyers, one of them English, and one who never bought."""
    with shop.work() as session:
        coffee = make.product(session)
        mug = make.product(session, product_type="Mug", kind="standard")
        regular = make.customer(session)
        for age in (40, 30, 20, 10, 1):
            make.order(session, buyer=regular, items=[coffee], age=timedelta(days=age))
        gone = make.customer(session, country="US", locale="en-US", first_name="Ann")
        address = {"province": "California", "province_code": "CA", "country_code": "US"}
        make.order(
            session, buyer=gone, items=[mug], age=timedelta(days=400), shipping_address=address
        )
        make.order(session, buyer=make.customer(session), items=[coffee], age=timedelta(days=2))
        make.customer(session)
    return shop


def test_each_condition_narrows_and_they_join(client: FlaskClient, people: MadeShop) -> None:
    assert count(client, people) == 3
    assert count(client, people, stage="active") == 1
    assert count(client, people, stage="lapsed") == 1
    assert count(client, people, stage="new") == 1
    assert count(client, people, orders="2") == 1
    assert count(client, people, product_type="Mug") == 1
    assert count(client, people, place="US") == 1
    assert count(client, people, region="calif") == 1
    assert count(client, people, language="ja") == 2
    assert count(client, people, engagement="high") == 1
    assert count(client, people, engagement="low") == 1
    assert count(client, people, recency="5", frequency="4") == 1
    assert count(client, people, product_type="Mug", language="ja") == 0
    assert count(client, people, stage="<b>", orders="-3") == 3


def test_a_prefecture_is_chosen_by_its_name_and_found_by_its_code(
    client: FlaskClient, people: MadeShop
) -> None:
    with people.work() as session:
        # One came from elsewhere, without a code and in Shopify's English.
        old = {"province": "Tokyo", "country_code": "JP"}
        make.order(session, buyer=make.customer(session), shipping_address=old)
        osaka = {"province": "大阪府", "province_code": "JP-27", "country_code": "JP"}
        make.order(session, buyer=make.customer(session), shipping_address=osaka)
    assert count(client, people, region="JP-13") == 3
    assert count(client, people, region="JP-27") == 1
    assert count(client, people, region="US-CA") == 1
    # A state and a prefecture never meet, whatever their names contain.
    assert count(client, people, region="JP-14") == 0
    headers = sign.admin(people.domain)
    page = client.get("/app/segments?region=JP-13", headers=headers).text
    assert '<option value="JP-13" selected>東京都</option>' in page
    assert '<optgroup label="アメリカ合衆国"><option value="US-CA">California</option>' in page
    assert page.count('<option value="JP-') == 47
    english = client.get("/app/segments?region=calif&locale=en", headers=headers).text
    assert '<option value="JP-01">Hokkaido</option>' in english
    # A link of before is read, and says what it asks.
    assert '<option value="calif" selected>calif</option>' in english


def test_only_the_result_comes_back_to_htmx(client: FlaskClient, people: MadeShop) -> None:
    partial = {"HX-Request": "true", "HX-Request-Type": "partial", **EN}
    page = client.get("/app/segments?stage=new", headers=sign.admin(people.domain, **partial))
    assert "<html" not in page.text
    assert "Fitting: 1 of 3 buyers" in page.text
    japanese = client.get("/app/segments?stage=new", headers=sign.admin(people.domain))
    assert "購入者3人のうち1人が当てはまります" in japanese.text


def test_what_high_value_means_is_the_shops_to_say(
    client: FlaskClient, shop: MadeShop, other_shop: MadeShop
) -> None:
    with shop.work() as session, other_shop.work() as theirs:
        assert queries.high_value_minor(session) == 30_000
        assert queries.high_value_minor(theirs) == 20_000
    url, headers = "/app/segments/high-value", sign.admin(shop.domain, **EN)
    assert client.post(url, data={"amount": "50,000"}, headers=headers).status_code == 200
    wrong = client.post(url, data={"amount": "much"}, headers=headers)
    assert wrong.status_code == 422
    assert "Write an amount" in wrong.text
    with shop.work() as session:
        assert queries.high_value_minor(session) == 50_000
    page = client.get("/app/segments", headers=sign.admin(shop.domain)).text
    assert "この金額以上（円）" in page
