"""The admin: orders, the app and its block, webhooks."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from flask.testing import FlaskClient

from app.sandbox import verbs
from app.sandbox.customers import set_phone
from app.sandbox.running import Sandbox
from tests.sandbox.conftest import HINATA, Listener
from tests.sandbox_web.shopper import ADMIN, marks, order


def only_order(sandbox: Sandbox) -> dict[str, object]:
    """The one order there is."""
    (found,) = verbs.orders(sandbox, HINATA)
    return dict(found)


def test_a_part_of_an_order_is_shipped(http: FlaskClient, sandbox: Sandbox) -> None:
    order(http)
    placed = verbs.orders(sandbox, HINATA)[0]
    place = f"{ADMIN}/orders/{placed['id']}"
    line = placed["lines"][0]["id"]
    form = {f"line-{line}": 1, "company": "Sagawa (JA)", "scenario": "silent"}
    assert http.post(f"{place}/fulfill", data=form).status_code == 303
    (parcel,) = verbs.orders(sandbox, HINATA)[0]["fulfillments"]
    assert (parcel["company"], parcel["scenario"]) == ("Sagawa (JA)", "silent")
    page = http.get(place).text
    assert {"parcel", "parcel-advance", "parcel-number"} <= marks(page)
    assert "fulfill-form" not in marks(page)  # nothing is left to ship
    moved = f"{place}/fulfillments/{parcel['id']}"
    http.post(f"{moved}/scenario", data={"scenario": "smooth"})
    http.post(f"{moved}/advance")
    assert verbs.orders(sandbox, HINATA)[0]["fulfillments"][0]["events"]


def test_an_unpaid_order_is_paid_refunded_and_cancelled(
    http: FlaskClient, sandbox: Sandbox
) -> None:
    order(http, payment="bank")
    place = f"{ADMIN}/orders/{only_order(sandbox)['id']}"
    http.post(f"{place}/pay")
    assert only_order(sandbox)["financial_status"] == "paid"
    http.post(f"{place}/refund")
    assert only_order(sandbox)["financial_status"] == "refunded"
    http.post(f"{place}/cancel", data={"reason": "inventory"})
    assert only_order(sandbox)["cancel_reason"] == "inventory"
    assert http.post(f"{place}/cancel").status_code == 422  # and says why
    assert http.post(f"{place}/dance").status_code == 404


def test_something_is_sold_over_the_counter(http: FlaskClient, sandbox: Sandbox) -> None:
    sold = verbs.product_by_handle(sandbox, HINATA, "komorebi-mug")
    assert sold is not None
    form = {"variant_id": sold["variants"][0]["id"], "quantity": 1, "email": ""}
    answer = http.post(f"{ADMIN}/orders/pos", data=form)
    assert answer.status_code == 303
    assert only_order(sandbox)["source_name"] == "pos"
    assert http.get(answer.headers["Location"]).status_code == 200


def test_installing_is_asked_with_its_scopes(http: FlaskClient, sandbox: Sandbox) -> None:
    assert http.get(f"{ADMIN}/apps/okaeri").headers["Location"].endswith("/install")
    page = http.get(f"{ADMIN}/apps/okaeri/install").text
    assert all(scope in page for scope in sandbox.settings.app.scopes)
    assert verbs.installation(sandbox, HINATA) is None  # looking changes nothing
    http.post(f"{ADMIN}/apps/okaeri/install")
    assert verbs.installation(sandbox, HINATA) is not None


def test_the_frame_opens_the_page_of_the_deep_link(http: FlaskClient, installed: Sandbox) -> None:
    for path, inner in (("", "/app"), ("/orders/7", "/app/orders/7")):
        page = http.get(f"{ADMIN}/apps/okaeri{path}?tab=past").text
        found = re.search(r'<iframe[^>]*src="([^"]+)"[^>]*data-app-frame', page)
        assert found
        url = urlsplit(found[1].replace("&amp;", "&"))
        query = parse_qs(url.query)
        assert url.path == inner
        assert (query["embedded"], query["shop"], query["tab"]) == (["1"], [HINATA], ["past"])
        assert {"id_token", "hmac", "host", "session", "locale", "timestamp"} <= query.keys()
        assert 'data-home="/app"' in page


def test_app_bridge_gets_its_answers(http: FlaskClient, sandbox: Sandbox) -> None:
    assert http.get(f"{ADMIN}/id_token").status_code == 404
    verbs.install(sandbox, HINATA)
    assert http.get(f"{ADMIN}/id_token").json["id_token"].count(".") == 2  # type: ignore[index]
    with http.get("/cdn/shopifycloud/app-bridge.js") as script:
        assert script.mimetype == "text/javascript"


def test_the_block_is_placed_reported_and_gone_with_the_app(
    http: FlaskClient, installed: Sandbox
) -> None:
    editor = f"{ADMIN}/settings/checkout/editor"
    thanks = order(http)
    assert "extension-frame" not in marks(http.get(thanks).text)
    http.post(editor, data={"placed": "on"})
    (told,) = http.get(f"{ADMIN}/app_extensions").json or []
    assert told["handle"] == "thank-you"
    assert told["activations"] == [{"target": "purchase.thank-you.block.render"}]
    page = http.get(thanks)
    assert {"extension-frame", "extension-not-built"} & marks(page.text)
    http.post(f"{ADMIN}/apps/okaeri/uninstall")
    assert (http.get(f"{ADMIN}/app_extensions").json or [])[0]["activations"] == []
    assert http.post(editor, data={"placed": "on"}).status_code == 422


def test_a_webhook_is_seen_and_sent_again(
    http: FlaskClient, installed: Sandbox, listener: Listener
) -> None:
    order(http)
    page = http.get(f"{ADMIN}/deliveries").text
    assert 'data-topic="orders/create"' in page
    one = verbs.deliveries(installed, HINATA)[0]
    assert http.post(f"{ADMIN}/deliveries/{one['id']}/redeliver").status_code == 303


def test_switches_are_turned(http: FlaskClient, sandbox: Sandbox) -> None:
    http.post(f"{ADMIN}/switches", data={"name": "smtp", "value": "down"})
    http.post(f"{ADMIN}/switches", data={"name": "throttle", "value": "on"})
    state = verbs.switches(sandbox)
    http.post(f"{ADMIN}/switches", data={"name": "smtp", "value": "ok"})
    http.post(f"{ADMIN}/switches", data={"name": "throttle", "value": "off"})
    assert (state["smtp"], state["throttle"]) == ("down", True)


def test_consent_and_compliance_are_a_button_each(http: FlaskClient, installed: Sandbox) -> None:
    order(http)
    (person,) = verbs.customers(installed, HINATA)
    place = f"{ADMIN}/customers/{person['id']}"
    assert {"customer-subscribe", "customer-redact"} <= marks(http.get(f"{ADMIN}/customers").text)
    http.post(f"{place}/subscribe")
    assert verbs.customer(installed, HINATA, person["id"])["marketing_state"] == "subscribed"
    # Nobody agrees to SMS without a number.
    assert http.post(f"{place}/subscribe-sms").status_code == 422
    with installed.work(HINATA) as work:
        shop, known = work.need("shop", HINATA, HINATA), work.need("customer", HINATA, person["id"])
        set_phone(installed, work, shop, known, "+819012345678")
    for verb in ("subscribe-sms", "unsubscribe", "data-request", "redact"):
        assert http.post(f"{place}/{verb}").status_code == 303
    topics = {one["topic"] for one in verbs.deliveries(installed, HINATA)}
    assert {"customers/data_request", "customers/redact"} <= topics
    assert "customers_marketing_consent/update" in topics


def test_every_page_speaks_both_languages(http: FlaskClient) -> None:
    pages = ("orders", "products", "customers", "apps", "deliveries", "settings",
             "settings/checkout")  # fmt: skip
    for language in ("ja", "en"):
        http.post("/language", data={"language": language, "back": "/"})
        for page in pages:
            answer = http.get(f"{ADMIN}/{page}")
            assert answer.status_code == 200
            assert f'<html lang="{language}">' in answer.text


def test_a_page_of_another_site_cannot_act(http: FlaskClient, sandbox: Sandbox) -> None:
    answer = http.post(f"{ADMIN}/apps/okaeri/install", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert verbs.installation(sandbox, HINATA) is None
