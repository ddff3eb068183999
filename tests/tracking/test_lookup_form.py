"""What the look-up's form says to whoever has not filled it in."""

from __future__ import annotations

from flask.testing import FlaskClient

from app.tracking import throttle
from tests import make
from tests.tracking.test_lookup import MAIL, Way, heart, one_window, order, ways

__all__ = ["one_window", "order"]


@ways
def test_an_empty_field_is_named_whatever_stands_in_the_other_one(
    client: FlaskClient, shop: make.MadeShop, order: str, way: Way
) -> None:
    order_field, contact = "ご注文番号をご入力ください", "いずれかをご入力ください"
    for typed, named in (
        (("1001", " "), [contact]),
        (("9999", ""), [contact]),
        (("　", MAIL), [order_field]),
        (("", "someone@example.com"), [order_field]),
        (("", ""), [order_field, contact]),
    ):
        answer = way(client, shop, *typed)
        assert answer.status_code == 200
        assert answer.text.count('data-testid="lookup-empty"') == len(named)
        assert answer.text.count('aria-invalid="true"') == len(named)
        assert answer.text.count(" autofocus") == 1
        assert all(said in answer.text for said in named)
        assert "lookup-missed" not in answer.text
    existing, invented = (heart(way(client, shop, number, "")) for number in ("1001", "9999"))
    assert existing == invented
    # It is no try, and does not stop who fills it in then.
    for _again in range(throttle.ADDRESS.tries):
        way(client, shop, "1001", "")
    assert way(client, shop, "1001", MAIL).status_code in (200, 303)
    assert "lookup-missed" not in way(client, shop, "1001", MAIL).text
