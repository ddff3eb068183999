"""The merchant's home, as staff see it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from app.core.clock import now
from app.journeys import service as journeys
from app.messages.model import Message
from app.reorder.model import Reorder
from app.shops import service as shops
from tests import make
from tests import sign as signed


def home(client: FlaskClient, shop: make.MadeShop, language: str = "ja") -> str:
    page = client.get("/app", headers=signed.admin(shop.domain, **{"Okaeri-Locale": language}))
    assert page.status_code == 200
    return page.text


def done(page: str) -> list[str]:
    return re.findall(r'data-step="(\w+)" data-done', page)


def test_home_says_what_to_do_first(client: FlaskClient) -> None:
    shop = make.shop(settings={"reply_to": "", "legal_name": ""})
    page = home(client, shop)
    assert done(page) == []
    # One dominant button: that of the first step that is left.
    assert re.findall(r'class="button button--primary" href="([^"]+)"', page) == [
        "/app/settings#sender"
    ]


def test_the_guide_follows_what_is_done(client: FlaskClient, shop: make.MadeShop) -> None:
    assert done(home(client, shop)) == ["sender", "footer"]
    with shop.work() as session:
        journeys.switch_on_recommended(session)
        session.add(message(shop, session, state="sent", message_class="test"))
    page = home(client, shop)
    assert done(page) == ["sender", "footer", "journeys", "test"]
    assert "admin.shopify.com/store/hinata-coffee/settings/checkout/editor" in page
    assert 'data-extension="thank-you"' in page


def test_the_guide_can_be_put_away_and_brought_back(
    client: FlaskClient, shop: make.MadeShop
) -> None:
    headers = signed.admin(shop.domain)
    assert "data-guide" not in client.post("/app/guide", headers=headers).text
    assert "data-guide" not in home(client, shop)
    assert "data-guide" in client.post("/app/guide", data={"show": "1"}, headers=headers).text


def message(shop: make.MadeShop, session: object, **given: object) -> Message:
    moment = now(session)  # type: ignore[arg-type]
    values = {
        "shop_id": shop.id,
        "key": f"test:{given}:{len(str(given))}",
        "kind": "shipped",
        "message_class": "service",
        "locale": "ja",
        "due_at": moment,
        "created_at": moment,
        "sent_at": moment,
    }
    return Message(**{**values, **given})


def figure(page: str, title: str) -> int:
    found = re.search(rf"<dt>{title}</dt><dd>(\d+)", page)
    assert found, title
    return int(found.group(1))


def test_figures_count_what_happened_and_no_more(
    client: FlaskClient, shop: make.MadeShop, other_shop: make.MadeShop
) -> None:
    for made in (shop, other_shop):
        with made.work() as session:
            old = now(session) - timedelta(days=31)
            session.add_all(
                [
                    message(made, session, key="a", state="sent"),
                    message(made, session, key="b", state="delivered"),
                    message(made, session, key="c", state="skipped", sent_at=None),
                    message(made, session, key="d", state="scheduled", sent_at=None),
                    message(made, session, key="e", state="sent", sent_at=old, created_at=old),
                    message(made, session, key="f", state="sent", message_class="test"),
                ]
            )
    page = home(client, shop, "en")
    assert figure(page, "Messages sent") == 2
    assert figure(page, "Skipped, with a reason") == 1
    assert figure(page, "Orders from reorder links") == 0


@pytest.mark.parametrize(("language", "said"), [("en", "brought order"), ("ja", "から注文")])
def test_a_reorder_shows_as_its_reminders_result(
    client: FlaskClient, shop: make.MadeShop, language: str, said: str
) -> None:
    with shop.work() as session:
        first, second = make.order(session, age=timedelta(days=30)), make.order(session, nth=2)
        session.add(
            Reorder(
                shop_id=shop.id,
                ref="r1",
                order_id=first.id,
                message_id=3,
                screen={},
                new_order_id=second.id,
                completed_at=now(session),
            )
        )
        link = f'<a href="/app/orders/{second.id}">{second.name}</a>'
    page = home(client, shop, language)
    assert said in page
    assert link in page


def test_what_waits_for_a_person_is_named(client: FlaskClient, shop: make.MadeShop) -> None:
    assert 'data-testid="troubles"' not in home(client, shop)
    with shop.work() as session:
        session.add_all(
            message(shop, session, key=f"d{number}", state="in_doubt") for number in range(7)
        )
        session.add(message(shop, session, key="f", state="failed", sent_at=None))
        session.add(message(shop, session, key="r", state="scheduled", sent_at=None, attempts=3))
    page = home(client, shop, "en")
    assert page.count("May or may not have arrived") == 5
    assert page.count("Could not be sent") == 1
    assert "and 2 more messages" in page
    assert "1 message has not been taken by the mail server yet" in page


def test_pausing_stops_everything_until_it_is_resumed(
    client: FlaskClient, shop: make.MadeShop
) -> None:
    headers = signed.admin(shop.domain)
    page = client.post("/app/pause", headers=headers).text
    assert 'action="/app/resume"' in page
    with shop.work() as session:
        assert not shops.is_active(shops.shop(session))
    assert 'action="/app/pause"' in client.post("/app/resume", headers=headers).text
    with shop.work() as session:
        assert shops.is_active(shops.shop(session))


def test_nowhere_is_answered_inside_the_frame(client: FlaskClient, shop: make.MadeShop) -> None:
    page = client.get("/app/nowhere/at/all", headers=signed.admin(shop.domain))
    assert page.status_code == 404
    assert f"frame-ancestors https://{shop.domain}" in page.headers["Content-Security-Policy"]
    assert "app-bridge.js" in page.text
