"""The offer's link, the order that it brings, and its end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select, text

from app.core import clock, links
from app.core.clock import now
from app.journal import queries as journal
from app.journal.service import record
from app.mirror.events import OrderPlaced
from app.mirror.model import Variant
from app.thankyou import queries
from tests import make
from tests.thankyou.conftest import Ask, Offering

Later = Callable[..., None]


@pytest.fixture
def link(offering: Offering, ask: Ask) -> str:
    """The path of the accept link of an open offer."""
    with offering.shop.work() as session:
        make.order(session, checkout_token="checkout-1", name="#1001")
    return urlsplit(ask()["offer"]["accept_url"]).path


def test_one_tap_leads_to_the_checkout_with_the_discount(
    client: FlaskClient, offering: Offering, link: str
) -> None:
    response = client.get(link)
    assert response.status_code == 302
    target = urlsplit(response.headers["Location"])
    assert f"{target.scheme}://{target.netloc}" == f"https://{offering.shop.domain}"
    assert target.path == f"/cart/{offering.variant}:1"
    query = parse_qs(target.query)
    assert query["discount"][0].startswith("OKAERI-")
    assert query["attributes[okaeri_ref]"] == ["offer-1"]
    assert query["ref"] == ["okaeri"]
    assert not [name for name in query if name.startswith("checkout")]
    assert response.headers["Cache-Control"] == "no-store"


def test_a_tap_on_the_page_leads_to_a_checkout_that_is_filled_in(
    client: FlaskClient, offering: Offering, link: str
) -> None:
    def filled(mode: str, site: str) -> dict[str, list[str]]:
        headers = {"Sec-Fetch-Mode": mode, "Sec-Fetch-Site": site}
        query = parse_qs(urlsplit(client.get(link, headers=headers).location).query)
        return {name: value for name, value in query.items() if name.startswith("checkout")}

    told = filled("navigate", "cross-site")
    assert "@example.com" in told["checkout[email]"][0]
    for name in ("zip", "city", "address1"):
        assert told[f"checkout[shipping_address][{name}]"] == [make.HOME[name]]
    # Pasted, sent on by message, or fetched by a script: nobody knows whose it is.
    assert filled("navigate", "none") == filled("cors", "cross-site") == {}


def test_a_link_that_is_old_tells_no_address(
    client: FlaskClient, offering: Offering, link: str, later: Later
) -> None:
    with offering.shop.work() as session:
        found = queries.grant_of_checkout(session, "checkout-1")
        assert found is not None
        found.deadline = now(session) + timedelta(days=7)
    later(hours=2)
    tapped = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "cross-site"}
    target = client.get(link, headers=tapped).location
    assert "discount=" in target
    assert "checkout" not in urlsplit(target).query


def test_looking_twice_changes_nothing(client: FlaskClient, link: str) -> None:
    first, second = client.get(link), client.get(link)
    assert first.headers["Location"] == second.headers["Location"]


@pytest.mark.parametrize("span", [{"minutes": 5}, {"minutes": 5, "seconds": 1}, {"days": 100}])
def test_after_the_deadline_it_is_kindly_over(
    client: FlaskClient, offering: Offering, link: str, later: Later, span: dict[str, float]
) -> None:
    later(**span)
    for _reload in range(2):
        response = client.get(link)
        assert response.status_code == 410
        assert "こちらのご案内は終了いたしました" in response.text
        assert f"https://{offering.shop.domain}" in response.text
        assert "/t/" in response.text
        assert 'lang="ja"' in response.text
        assert "OKAERI-" not in response.text


def test_the_page_speaks_the_shoppers_language(
    client: FlaskClient, offering: Offering, ask: Ask, later: Later
) -> None:
    with offering.shop.work() as session:
        make.order(session, checkout_token="checkout-9")
    path = urlsplit(ask("checkout-9", locale="en")["offer"]["accept_url"]).path
    later(minutes=6)
    assert "This offer has ended" in client.get(path).text


def test_what_sold_out_meanwhile_is_not_sold(
    client: FlaskClient, offering: Offering, link: str
) -> None:
    with offering.shop.work() as session:
        found = session.scalars(select(Variant).where(Variant.shopify_id == offering.variant)).one()
        found.available = False
    response = client.get(link)
    assert response.status_code == 410
    assert "売り切れ" in response.text


@pytest.mark.parametrize("path", ["/o/nonsense", "/o/a.b.c"])
def test_forged_links_lead_nowhere(client: FlaskClient, offering: Offering, path: str) -> None:
    assert client.get(path).status_code == 403


def test_a_link_of_another_purpose_or_shop_opens_no_offer(
    client: FlaskClient, offering: Offering, link: str, other_shop: make.MadeShop
) -> None:
    with offering.shop.work() as session:
        until = now(session) + timedelta(days=1)
    subject = {"grant": 1}
    of_another_purpose = links.sign(offering.shop.id, "track", subject, until)
    of_another_shop = links.sign(other_shop.id, "offer", subject, until)
    assert client.get(f"/o/{of_another_purpose}").status_code == 403
    assert client.get(f"/o/{of_another_shop}").status_code == 404


def brought(offering: Offering, **given: object) -> int:
    """A second order comes in."""
    with offering.shop.work() as session:
        made = make.order(session, **given)  # type: ignore[arg-type]
        event = OrderPlaced(
            occurred_at=made.placed_at, order_id=made.id, customer_id=made.customer_id
        )
        record(session, event)
        return made.id


@pytest.mark.parametrize("by", ["code", "word"])
def test_the_order_it_brings_is_tied_to_it(
    app: Flask, client: FlaskClient, offering: Offering, link: str, by: str
) -> None:
    query = parse_qs(urlsplit(client.get(link).headers["Location"]).query)
    if by == "code":
        given: dict[str, object] = {"discount_codes": [query["discount"][0].lower()]}
    else:
        given = {"note_attributes": {"okaeri_ref": query["attributes[okaeri_ref]"][0]}}
    new = brought(offering, **given)
    make.settle(app)
    with offering.shop.work() as session:
        found = queries.grant_of_checkout(session, "checkout-1")
        assert found is not None
        assert found.accepted_order_id == new
        (entry,) = journal.of_kind(session, "OfferAccepted")
        visit = queries.visit_of(session, "checkout-1")
        assert visit is not None
        assert entry.order_id == visit.order_id
        assert entry.data["new_order_id"] == new
        story = queries.offer_story(session, visit.order_id or 0, now(session))
        assert story is not None
        assert story.state == "accepted"
    response = client.get(link)
    assert response.status_code == 410
    assert "ご利用済み" in response.text


def test_orders_of_others_are_not_ours(app: Flask, offering: Offering, link: str) -> None:
    brought(offering, discount_codes=["WELCOME10"], note_attributes={"okaeri_ref": "r-77"})
    brought(offering, note_attributes={"okaeri_ref": "offer-999"})
    make.settle(app)
    with offering.shop.work() as session:
        assert journal.of_kind(session, "OfferAccepted") == []


def test_nobody_took_it_up(app: Flask, owner: Engine, offering: Offering, link: str) -> None:
    with offering.shop.work() as session:
        session.execute(
            # Shopify is out of reach in this test: the discount has ended by itself.
            text("UPDATE discount_pools SET ends_at = okaeri_now()")
        )
    clock.shift_to(owner, clock.business_now(owner) + timedelta(minutes=9))
    make.settle(app)
    with offering.shop.work() as session:
        (entry,) = journal.of_kind(session, "OfferEnded")
        found = queries.grant_of_checkout(session, "checkout-1")
        assert found is not None
        assert entry.occurred_at == found.deadline
        assert entry.order_id is not None
