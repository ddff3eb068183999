"""Who signed this? The gaps of the official verifiers, one test each."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest
import shopify
from hypothesis import given
from hypothesis import strategies as st
from shopify_app.verify.app_proxy import _generate_param_string

from app.core.settings import Settings
from app.shopify import verify

SECRET = "a-secret-of-the-app-that-is-long-enough"
OLD = "the-secret-before-the-rotation-was-long-too"
SHOP = "hinata-coffee.myshopify.com"
SETTINGS = Settings(
    database_url="",
    redis_url="",
    app_url="https://okaeri.test",
    secret_keys=(),
    encryption_keys=(),
    shopify_client_id="0123456789abcdef0123456789abcdef",
    shopify_client_secret=SECRET,
    shopify_old_client_secret=OLD,
)
HOME = "https://okaeri.test/app"


def claims(**given: Any) -> dict[str, Any]:
    moment = int(time.time())
    made = {
        "iss": f"https://{SHOP}/admin",
        "dest": f"https://{SHOP}",
        "aud": SETTINGS.shopify_client_id,
        "sub": "42",
        "exp": moment + 60,
        "nbf": moment - 1,
        "iat": moment,
        **given,
    }
    return {key: value for key, value in made.items() if value is not None}


def token(secret: str = SECRET, **given: Any) -> str:
    return jwt.encode(claims(**given), secret, algorithm="HS256")


def bearer(secret: str = SECRET, **given: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {token(secret, **given)}"}


def refused(call: Any, *args: Any) -> verify.Refused:
    with pytest.raises(verify.Refused) as caught:
        call(SETTINGS, *args)
    return caught.value


# --- domains ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "evil.example",
        "hinata-coffee.myshopify.com.evil.example",
        "evil.example/hinata-coffee.myshopify.com",
        "https://hinata-coffee.myshopify.com",
        "-hinata.myshopify.com",
        "hinata_coffee.myshopify.com",
        "hinata-coffee.myshopify.com\nx",
        "myshopify.com",
        "ひなた.myshopify.com",
    ],
)
def test_only_a_bare_myshopify_domain_is_a_shop(text: str | None) -> None:
    assert verify.shop_domain(text) is None


def test_a_domain_is_lower_case() -> None:
    assert verify.shop_domain(" Hinata-Coffee.MyShopify.com ") == SHOP


# --- admin --------------------------------------------------------------------------------------


def test_a_document_is_let_in_by_its_query() -> None:
    caller = verify.admin(SETTINGS, "GET", f"{HOME}?shop={SHOP}&id_token={token()}", {})
    assert (caller.domain, caller.staff, caller.document) == (SHOP, "42", True)


def test_a_fetch_is_let_in_by_its_header_and_while_a_secret_is_rotated() -> None:
    caller = verify.admin(SETTINGS, "POST", HOME, bearer(OLD))
    assert (caller.domain, caller.document) == (SHOP, False)


def test_a_document_without_a_token_goes_and_gets_one_at_our_public_address() -> None:
    error = refused(verify.admin, "GET", f"{HOME}/orders?shop={SHOP}&id_token=stale", {})
    assert error.status == 302
    assert error.headers["Location"].startswith("https://okaeri.test/auth/patch?shop=" + SHOP)
    assert "stale" not in error.headers["Location"]
    assert "shopify-reload=%2Fapp%2Forders" in error.headers["Location"]


@pytest.mark.parametrize("given", [{"exp": 1}, {"nbf": 9_999_999_999}])
def test_a_stale_fetch_is_told_to_come_again_with_a_new_token(given: dict[str, Any]) -> None:
    error = refused(verify.admin, "GET", HOME, bearer(**given))
    assert error.status == 401
    assert error.headers["X-Shopify-Retry-Invalid-Session-Request"] == "1"


@pytest.mark.parametrize(
    "given",
    [
        {"aud": "another-app"},
        {"exp": None},
        {"dest": "https://evil.example"},
        {"dest": "https://maple-goods.myshopify.com"},
        {"dest": f"https://{SHOP}.evil.example"},
        {"dest": None},
        {"sub": None},
    ],
)
def test_a_token_that_lacks_or_mixes_what_matters_is_refused(given: dict[str, Any]) -> None:
    assert refused(verify.admin, "GET", HOME, bearer(**given)).status == 401


def test_the_shop_in_the_query_must_be_the_one_in_the_token() -> None:
    url = f"{HOME}?shop=maple-goods.myshopify.com&id_token={token()}"
    assert refused(verify.admin, "GET", url, {}).code == "shop_mismatch"


def test_a_token_signed_with_another_algorithm_or_by_another_is_refused() -> None:
    unsigned = jwt.encode(claims(), None, algorithm="none")
    stranger = token("somebody-else-signed-this-and-not-shopify")
    for bad in (unsigned, stranger, "", "a.b.c", "あ"):
        error = refused(verify.admin, "GET", HOME, {"Authorization": f"Bearer {bad}"})
        assert error.status == 401


# --- widget -------------------------------------------------------------------------------------


def test_a_session_token_of_the_checkout_names_the_bare_domain() -> None:
    found = verify.widget(SETTINGS, "POST", HOME, bearer(dest=SHOP, iss=None, sub=None))
    assert found.domain == SHOP


@pytest.mark.parametrize(
    "given",
    [
        {"exp": None},
        {"exp": 1},
        {"aud": "another-app"},
        {"dest": "evil.example"},
        {"dest": "evil.example/x.myshopify.com"},
        {"dest": "http://" + SHOP},
        {"dest": None},
    ],
)
def test_a_session_token_needs_expiry_audience_and_host(given: dict[str, Any]) -> None:
    error = refused(verify.widget, "POST", HOME, bearer(**{"iss": None, **given}))
    assert error.status == 401


def test_a_widget_without_a_token_is_refused() -> None:
    assert refused(verify.widget, "POST", HOME, {}).status == 401


# --- app proxy ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("customer", "signature"),
    [
        ("1", "4c68c8624d737112c91818c11017d24d334b524cb5c2b8ba08daa056f7395ddb"),
        ("", "e072b6d7e6622d85912a5214b860d3100dc1e73d9bc29f43796ac8c9ff8093cb"),
    ],
)
def test_shopifys_published_proxy_signatures(
    customer: str, signature: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = (
        "extra=1&extra=2&shop=shop-name.myshopify.com"
        f"&logged_in_customer_id={customer}"
        "&path_prefix=%2Fapps%2Fawesome_reviews&timestamp=1317327555"
        f"&signature={signature}"
    )
    monkeypatch.setattr("time.time", lambda: 1317327555.0 + 60)
    settings = replace(SETTINGS, shopify_client_secret="hush", shopify_old_client_secret=None)
    caller = verify.proxy(settings, "GET", f"https://okaeri.test/proxy?{query}")
    assert caller.domain == "shop-name.myshopify.com"
    assert caller.path_prefix == "/apps/awesome_reviews"
    assert caller.customer == (1 if customer else None)
    monkeypatch.setattr("time.time", lambda: 1317327555.0 + 91)
    with pytest.raises(verify.Refused, match="timestamp_too_old"):
        verify.proxy(settings, "GET", f"https://okaeri.test/proxy?{query}")


def proxied(*more: tuple[str, str], secret: str = SECRET, **given: str) -> str:
    values = {
        "shop": SHOP,
        "logged_in_customer_id": "",
        "path_prefix": "/apps/okaeri",
        "timestamp": str(int(time.time())),
        **given,
    }
    pairs = [*values.items(), *more]
    joined: dict[str, Any] = {}
    for key, value in pairs:
        joined.setdefault(key, []).append(value)
    text = _generate_param_string(
        {key: found[0] if len(found) == 1 else found for key, found in joined.items()}
    )
    signature = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    return "https://okaeri.test/proxy?" + urlencode([*pairs, ("signature", signature)])


def test_a_proxy_request_signed_with_the_old_secret_still_counts() -> None:
    assert verify.proxy(SETTINGS, "GET", proxied(secret=OLD)).customer is None


@pytest.mark.parametrize(
    "url",
    [
        proxied(("logged_in_customer_id", "7")),
        proxied(("shop", "maple-goods.myshopify.com")),
        proxied(("path_prefix", "/evil")),
        proxied(("timestamp", "1")),
        proxied(timestamp="1"),
        proxied(timestamp="soon"),
        proxied(shop="evil.example"),
        proxied(logged_in_customer_id="seven"),
        proxied(secret="somebody-elses-secret-entirely-of-length"),
        proxied().replace("okaeri&", "okaeri2&"),
        proxied().rsplit("&", 1)[0],
        proxied().rsplit("=", 1)[0] + "=%E3%81%82",
        "https://okaeri.test/proxy",
    ],
)
def test_a_proxy_request_that_shopify_did_not_make_is_refused(url: str) -> None:
    assert refused(verify.proxy, "GET", url).status == 401


# --- webhooks -----------------------------------------------------------------------------------


def signed(body: bytes, secret: str = SECRET, **more: str) -> dict[str, str]:
    digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    return {
        "X-Shopify-Hmac-Sha256": base64.b64encode(digest).decode(),
        "X-Shopify-Shop-Domain": SHOP,
        "X-Shopify-Topic": "orders/create",
        "X-Shopify-Webhook-Id": "w-1",
        **more,
    }


@given(st.binary(max_size=200), st.sampled_from([SECRET, OLD]))
def test_a_webhook_is_verified_as_the_bytes_that_came(body: bytes, secret: str) -> None:
    found = verify.webhook(SETTINGS, "POST", signed(body, secret), body)
    assert (found.domain, found.topic, found.webhook_id) == (SHOP, "orders/create", "w-1")
    assert found.body == body
    other = refused(verify.webhook, "POST", signed(body, secret), body + b" ")
    assert other.status == 401


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Shopify-Hmac-Sha256": ""},
        {"X-Shopify-Hmac-Sha256": "nonsense", "X-Shopify-Shop-Domain": SHOP},
        {"X-Shopify-Hmac-Sha256": "あ", "X-Shopify-Shop-Domain": SHOP},
        signed(b"{}", "somebody-elses-secret-entirely-of-length"),
        signed(b"{}", **{"X-Shopify-Shop-Domain": "evil.example"}),
    ],
)
def test_a_webhook_without_a_right_signature_gets_401(headers: dict[str, str]) -> None:
    assert refused(verify.webhook, "POST", headers, b"{}").status == 401


def test_events_sign_with_other_header_names() -> None:
    digest = base64.b64encode(hmac.new(SECRET.encode(), b"{}", hashlib.sha256).digest()).decode()
    headers = {
        "shopify-hmac-sha256": digest,
        "shopify-shop-domain": SHOP,
        "shopify-topic": "Order",
        "shopify-webhook-id": "e-1",
    }
    assert verify.webhook(SETTINGS, "POST", headers, b"{}").topic == "Order"


# --- OAuth --------------------------------------------------------------------------------------


def oauth(secret: str = SECRET, **given: str) -> dict[str, str]:
    query = {"shop": SHOP, "timestamp": str(int(time.time())), "code": "c", **given}
    session: Any = type("_S", (shopify.Session,), {"secret": secret})
    return {**query, "hmac": session.calculate_hmac(query)}


def test_an_oauth_query_is_shopifys_for_a_day() -> None:
    assert verify.oauth_query(SETTINGS, oauth()) == SHOP
    assert verify.oauth_query(SETTINGS, oauth(OLD)) == SHOP
    old = oauth(timestamp=str(int(time.time()) - 25 * 3600))
    assert refused(verify.oauth_query, old).status == 403


@pytest.mark.parametrize(
    "query",
    [
        {},
        {**oauth(), "shop": "evil.example"},
        {**oauth(), "code": "another"},
        {**oauth(), "hmac": "あ"},
        {**oauth(), "timestamp": "soon"},
        oauth("somebody-elses-secret-entirely-of-length"),
    ],
)
def test_an_oauth_query_that_shopify_did_not_sign_is_refused(query: dict[str, str]) -> None:
    assert refused(verify.oauth_query, query).status == 403


def test_the_secret_of_one_call_is_not_left_on_the_librarys_class() -> None:
    verify.oauth_query(SETTINGS, oauth())
    assert shopify.Session.secret is None


def test_writing_covers_reading() -> None:
    assert verify.covers("write_customers,read_orders", "read_customers")
    assert not verify.covers("read_orders", "read_orders,write_discounts")
