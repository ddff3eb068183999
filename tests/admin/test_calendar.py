"""The calendar's page: what is typed is kept and moves the days customers see."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from flask.testing import FlaskClient

from app.parcels.queries import promise_of
from app.shops import service as shops
from tests import make, sign

GOOD = {
    "cut_off": "13:00", "closed_weekdays": ["2", "6"], "holidays": "on", "seasons": ["obon"],
    "ready_first": "0", "ready_last": "1", "transit_first": "1", "transit_last": "3",
    "closed_first_0": "2026-12-01", "closed_last_0": "2026-12-05", "closed_first_1": "",
}  # fmt: skip


def post(client: FlaskClient, shop: make.MadeShop, **changes: Any) -> Any:
    headers = {**sign.admin(shop.domain), "Okaeri-Locale": "en"}
    return client.post("/app/calendar", data={**GOOD, **changes}, headers=headers)


def test_what_is_typed_is_kept_and_promised(client: FlaskClient, shop: make.MadeShop) -> None:
    answer = post(client, shop)
    assert answer.status_code == 200
    assert 'value="2026-12-05"' in answer.text
    with shop.work() as session:
        promise = promise_of(shops.shop(session))
    assert promise.cut_off == time(13)
    assert (promise.ready, promise.transit) == ((0, 1), (1, 3))
    assert promise.closed_weekdays == {2, 6}
    assert promise.seasons == {"obon"}
    assert promise.closures == ((date(2026, 12, 1), date(2026, 12, 5)),)


def test_mistakes_come_back_beside_what_was_typed(client: FlaskClient, shop: make.MadeShop) -> None:
    answer = post(
        client, shop, closed_weekdays=list("0123456"), ready_first="3",
        closed_last_0="2026-11-01", cut_off="noon",
    )  # fmt: skip
    assert answer.status_code == 422
    assert answer.text.count('class="field__error"') == 4
    assert 'value="2026-11-01"' in answer.text
    with shop.work() as session:
        assert shops.settings_of(shops.shop(session)).calendar.cut_off is None
