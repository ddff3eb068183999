"""The merchant's picks, through the admin's door."""

from __future__ import annotations

from flask.testing import FlaskClient

from app.recommendations import queries
from tests import make, sign
from tests.make import MadeShop


def test_a_merchant_picks_and_unpicks(
    client: FlaskClient, shop: MadeShop, other_shop: MadeShop
) -> None:
    with shop.work() as session:
        beans = make.product(session, title="Beans")[0].shopify_id
        filters = make.product(session, title="Filters")[0].shopify_id
    with other_shop.work() as session:
        theirs = make.product(session)[0].shopify_id
    headers = sign.admin(shop.domain, **{"Okaeri-Locale": "en"})
    url = "/app/recommendations"
    data = {"picked": str(filters), "beside": str(beans)}
    for _ in range(2):
        assert client.post(url, data=data, headers=headers).status_code == 303
    page = client.get(url, headers=headers).text
    assert page.count('data-testid="pick"') == 1
    assert "shown with Beans" in page
    with shop.work() as session:
        found = queries.suggest(session, product_shopify_id=beans, purpose="complement")
        assert [(one.title, one.reason_code) for one in found] == [("Filters", "picked")]
        number = queries.picks(session)[0].id
    for wrong in (theirs, beans):
        bad = {"picked": str(wrong), "beside": str(beans)}
        assert client.post(url, data=bad, headers=headers).status_code == 422
    client.post(f"{url}/{number}/remove", headers=sign.admin(other_shop.domain))
    assert 'data-testid="pick"' in client.get(url, headers=headers).text
    client.post(f"{url}/{number}/remove", headers=headers)
    assert "No picks yet" in client.get(url, headers=headers).text
