"""The customer chooses the day: it is kept, it moves the prediction, consent is asked with it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.consent import service as consent
from app.mirror import queries as mirror
from app.replenishment import queries as lanes
from app.replenishment import service as replenishment
from app.replenishment import wishes
from tests import make, sign

PAGE = {"checkout_token": "one", "locale": "en"}


@pytest.fixture
def order_id(shop: make.MadeShop) -> int:
    with shop.work() as session:
        coffee = make.product(session, title="Coffee beans", product_type="coffee")
        buyer = make.customer(session, marketing_state=None, country="JP")
        return make.order(session, buyer=buyer, items=[coffee], checkout_token="one").id


def module(page: Any) -> Any:
    return next((one for one in page.json["modules"] if one["key"] == "reminder"), None)


def show(client: FlaskClient, shop: make.MadeShop) -> Any:
    return module(client.post("/widget/thank-you", json=PAGE, headers=sign.widget(shop.domain)))


def tell(client: FlaskClient, shop: make.MadeShop, **values: str) -> Any:
    body = {**PAGE, "module": "reminder", "values": values}
    return client.post("/widget/told", json=body, headers=sign.widget(shop.domain))


def test_the_day_is_kept_and_moves_the_prediction(
    client: FlaskClient, shop: make.MadeShop, order_id: int
) -> None:
    day, agree = show(client, shop)["fields"]
    assert (agree["name"], agree["value"], agree["needed"]) == ("agree", "", True)
    chosen = date.fromisoformat(day["earliest"]) + timedelta(days=40)
    assert tell(client, shop, date=chosen.isoformat()).status_code == 422
    answer = tell(client, shop, date=chosen.isoformat(), agree="on")
    assert module(answer)["done"].startswith("We will remind you on")
    with shop.work() as session:
        order = mirror.order(session, order_id)
        (line,) = mirror.order_lines(session, order_id)
        lead = timedelta(days=wishes.LEAD_DAYS + lanes.delivery_days(session))
        assert replenishment.run_out(session, order_id, line) == chosen + lead
        customer = mirror.customer(session, order.customer_id)
        assert customer is not None
        assert consent.may_send(
            session, customer, address=customer.email or "", channel="email",
            message_class="marketing", topic="replenishment",
        ) is None  # fmt: skip
        # The next order of the same thing starts from the person's own word.
        per_pack = wishes.own_word(session, customer.id, line.product_shopify_id or 0)
        assert per_pack == pytest.approx(43 + wishes.LEAD_DAYS)
        assert wishes.erase_person(session, customer) == 1


@pytest.mark.parametrize("day", ["", "tomorrow", "2020-01-01", "2999-01-01"])
def test_other_days_are_refused(
    client: FlaskClient, shop: make.MadeShop, order_id: int, day: str
) -> None:
    assert tell(client, shop, date=day, agree="on").status_code == 422
    with shop.work() as session:
        (line,) = mirror.order_lines(session, order_id)
        assert wishes.wish_of(session, line.id) is None


def test_nobody_is_asked_about_what_lasts(client: FlaskClient, shop: make.MadeShop) -> None:
    with shop.work() as session:
        mug = make.product(session, title="Mug", product_type="mug", tags=[])
        make.order(session, items=[mug], checkout_token="one")
    assert show(client, shop) is None
