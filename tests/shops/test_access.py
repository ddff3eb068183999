"""Installing, and keeping access to Shopify alive."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from app.core.clock import machine_now, now
from app.core.db import unit_of_work
from app.core.errors import GiveUp, TryLater
from app.core.secrets import unseal
from app.core.settings import Settings
from app.core.tenancy import find_shop
from app.journal.model import JournalEntry
from app.shops import jobs, service, tokens
from app.shops.model import Shop
from tests import make, sign
from tests.shopify.fake_shopify import SHOP_INFO, Answer, Shopify, pair
from tests.shopify.test_verify import oauth

SHOP = "hinata-coffee.myshopify.com"
TOKEN, GRAPHQL = "/admin/oauth/access_token", "/graphql.json"


@pytest.fixture
def here(app: Flask, shopify: Shopify) -> Iterator[Flask]:
    """The app with a Shopify that answers."""
    shopify.says(TOKEN, pair(1))
    shopify.says(GRAPHQL, SHOP_INFO)
    with make.changed(app, shopify_api_url=shopify.url) as made:
        yield made


def kept(domain: str = SHOP) -> Shop:
    shop_id = find_shop(domain)
    assert shop_id is not None
    with unit_of_work(shop_id) as session:
        return service.shop(session)


def kinds(domain: str = SHOP) -> list[str]:
    shop_id = find_shop(domain)
    assert shop_id is not None
    with unit_of_work(shop_id) as session:
        return [row.kind for row in session.query(JournalEntry).order_by(JournalEntry.id)]


def test_the_first_visit_installs(here: Flask, shopify: Shopify) -> None:
    url = f"/app?shop={SHOP}&locale=ja&id_token={sign.id_token(SHOP)}"
    page = here.test_client().get(url)
    assert page.status_code == 200
    shop = kept()
    assert (shop.name, shop.currency, shop.timezone) == ("ひなたコーヒー", "JPY", "Asia/Tokyo")
    assert (shop.locale, shop.storefront_url) == ("ja", "https://hinata.example")
    assert service.settings_of(shop).reply_to == "owner@hinata.example"
    assert service.is_active(shop)
    (asked,) = shopify.tokens()
    assert asked["expiring"] == 1 or asked["expiring"] == "1"
    assert asked["requested_token_type"].endswith("offline-access-token")
    assert kinds() == ["ShopInstalled"]
    assert len(shopify.people()) == 1
    # A second visit asks for nothing.
    assert here.test_client().get("/app", headers=sign.admin(SHOP)).status_code == 200
    assert (len(shopify.tokens()), len(shopify.people())) == (1, 1)


def test_tokens_are_kept_sealed_and_as_a_pair(here: Flask) -> None:
    here.test_client().get("/app", headers=sign.admin(SHOP))
    shop = kept()
    assert shop.access_token is not None
    assert shop.refresh_token is not None
    assert "shpat" not in shop.access_token
    assert (unseal(shop.access_token), unseal(shop.refresh_token)) == ("shpat_1", "shprt_1")
    assert shop.refresh_token_expires is not None
    assert shop.refresh_token_expires > machine_now() + timedelta(days=89)


def test_documents_name_who_may_frame_them(here: Flask) -> None:
    page = here.test_client().get("/app", headers=sign.admin(SHOP))
    policy = page.headers["Content-Security-Policy"]
    assert f"frame-ancestors https://{SHOP} https://admin.shopify.com" in policy
    assert "unsafe" not in policy
    assert page.text.index("app-bridge.js") < page.text.index("htmx.min.js")


def test_a_shopify_that_does_not_answer_is_said_in_the_frame(here: Flask, shopify: Shopify) -> None:
    shopify.says(TOKEN, Answer({}, 503))
    page = here.test_client().get("/app", headers=sign.admin(SHOP))
    assert page.status_code == 503
    assert len(shopify.tokens()) == 1
    shopify.says(TOKEN, Answer({"error": "invalid_client"}, 400))
    assert here.test_client().get("/app", headers=sign.admin(SHOP)).status_code == 403


def test_an_install_survives_a_shopify_too_busy_to_say_who_the_store_is(
    here: Flask, shopify: Shopify
) -> None:
    shopify.says(GRAPHQL, Answer({}, 503))
    assert here.test_client().get("/app", headers=sign.admin(SHOP)).status_code == 200
    assert kept().name == ""
    shopify.says(GRAPHQL, SHOP_INFO)
    make.settle(here)
    assert kept().name == "ひなたコーヒー"


def test_coming_back_keeps_what_was_decided(here: Flask, shopify: Shopify) -> None:
    client = here.test_client()
    client.get("/app", headers=sign.admin(SHOP))
    client.post("/app/pause", headers=sign.admin(SHOP))
    shop_id = find_shop(SHOP) or 0
    with unit_of_work(shop_id) as session:
        service.uninstall(session)
    gone = kept()
    assert not service.is_installed(gone)
    assert (gone.access_token, gone.refresh_token) == (None, None)
    with pytest.raises(GiveUp):
        tokens.client(shop_id)
    shopify.says(TOKEN, pair(2))
    client.get("/app", headers=sign.admin(SHOP))
    back = kept()
    assert service.is_installed(back)
    assert not service.is_active(back)
    assert kinds() == ["ShopInstalled", "ShopUninstalled", "ShopInstalled"]


def age(shop_id: int, **ends: timedelta) -> None:
    with unit_of_work(shop_id) as session:
        shop = service.shop(session)
        for name, span in ends.items():
            setattr(shop, name, machine_now() + span)


def test_a_dying_token_is_renewed_once_by_whoever_comes_first(
    here: Flask, shopify: Shopify
) -> None:
    here.test_client().get("/app", headers=sign.admin(SHOP))
    shop_id = find_shop(SHOP) or 0
    age(shop_id, access_token_expires=timedelta(minutes=1))
    shopify.says(TOKEN, pair(2), pair(3))
    found: list[str] = []

    def ask() -> None:
        with here.app_context():
            found.append(tokens.client(shop_id).access_token)

    threads = [threading.Thread(target=ask) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["shpat_2"] * 5
    refreshes = [body for body in shopify.tokens() if body["grant_type"] == "refresh_token"]
    assert [body["refresh_token"] for body in refreshes] == ["shprt_1"]


def test_a_refresh_that_fails_changes_nothing(here: Flask, shopify: Shopify) -> None:
    here.test_client().get("/app", headers=sign.admin(SHOP))
    shop_id = find_shop(SHOP) or 0
    age(shop_id, access_token_expires=timedelta(0))
    for answer, wanted in (
        (Answer({}, 500), TryLater),
        (Answer({"error": "invalid_grant"}, 400), GiveUp),
    ):
        shopify.says(TOKEN, answer)
        with pytest.raises(wanted):
            tokens.client(shop_id)
        shop = kept()
        assert shop.refresh_token is not None
        assert unseal(shop.refresh_token) == "shprt_1"


def test_a_visit_renews_what_can_no_longer_be_refreshed(here: Flask, shopify: Shopify) -> None:
    here.test_client().get("/app", headers=sign.admin(SHOP))
    age(find_shop(SHOP) or 0, refresh_token_expires=timedelta(0))
    shopify.says(TOKEN, pair(2))
    here.test_client().get("/app", headers=sign.admin(SHOP))
    assert unseal(kept().access_token or "") == "shpat_2"
    assert kinds() == ["ShopInstalled"]


def test_idle_shops_are_kept_alive_at_night(
    here: Flask, shopify: Shopify, other_shop: make.MadeShop
) -> None:
    here.test_client().get("/app", headers=sign.admin(SHOP))
    shop_id = find_shop(SHOP) or 0
    tokens.keep_alive(shop_id)
    assert len(shopify.tokens()) == 1
    age(shop_id, refresh_token_expires=timedelta(days=29))
    shopify.says(TOKEN, pair(2))
    jobs.keep(str(shop_id))
    assert unseal(kept().refresh_token or "") == "shprt_2"
    assert sorted(tokens.everyone()) == sorted([shop_id, other_shop.id])


# --- the authorization-code grant ---------------------------------------------------------------


@pytest.fixture
def signed_query(settings: Settings) -> Callable[..., dict[str, str]]:
    return lambda **given: oauth(settings.shopify_client_secret, **given)


def test_the_code_grant_installs_the_browser_that_began(
    here: Flask, shopify: Shopify, signed_query: Callable[..., dict[str, str]]
) -> None:
    client = here.test_client()
    begun = client.get("/auth", query_string=signed_query())
    assert begun.status_code == 302
    target = urlsplit(begun.headers["Location"])
    asked = {key: found[0] for key, found in parse_qs(target.query).items()}
    assert target.path == f"/{SHOP}/admin/oauth/authorize"
    assert asked["redirect_uri"] == "https://okaeri.test/auth/callback"
    assert "write_discounts" in asked["scope"]
    back = signed_query(code="c0de", state=asked["state"])
    stranger = here.test_client().get("/auth/callback", query_string=back)
    assert stranger.status_code == 403
    done = client.get("/auth/callback", query_string=back)
    assert done.headers["Location"].startswith(
        "https://admin.shopify.com/store/hinata-coffee/apps/"
    )
    (given,) = shopify.tokens()
    assert (given["code"], given["expiring"]) == ("c0de", 1)
    assert service.is_active(kept())


def test_the_code_grant_believes_only_what_is_signed(
    here: Flask, signed_query: Callable[..., dict[str, str]]
) -> None:
    client = here.test_client()
    assert client.get("/auth", query_string={"shop": SHOP}).status_code == 403
    assert client.get("/auth").status_code == 403
    client.get("/auth", query_string=signed_query())
    forged = signed_query(code="c", state="forged")
    assert client.get("/auth/callback", query_string=forged).status_code == 403
    assert find_shop(SHOP) is None


def test_the_patch_page_names_only_a_real_shop(here: Flask) -> None:
    client = here.test_client()
    fine = client.get(f"/auth/patch?shop={SHOP}&shopify-reload=%2Fapp")
    assert f"https://{SHOP}" in fine.headers["Content-Security-Policy"]
    assert "app-bridge.js" in fine.text
    for query in (
        "shop=evil.example&shopify-reload=/app",
        f"shop={SHOP}",
        f"shop={SHOP}&shopify-reload=//evil.example",
        f"shop={SHOP}&shopify-reload=/%5Cevil.example",
        f"shop={SHOP}&shopify-reload=/%09/evil.example",
        f"shop={SHOP}&shopify-reload=https://evil.example",
    ):
        page = client.get(f"/auth/patch?{query}")
        assert page.status_code == 403
        assert "evil" not in page.headers["Content-Security-Policy"]


def test_a_page_that_lost_its_shop_is_framed_by_shopifys_admin_alone(here: Flask) -> None:
    client = here.test_client()
    lost = client.get("/app/journeys")
    assert lost.headers["Location"].endswith("/auth/patch?shopify-reload=%2Fapp%2Fjourneys")
    page = client.get("/auth/patch?shopify-reload=%2Fapp%2Fjourneys")
    assert page.status_code == 200
    policy = page.headers["Content-Security-Policy"]
    assert policy.endswith("frame-ancestors https://admin.shopify.com")


def test_nothing_of_this_uses_business_time(here: Flask) -> None:
    here.test_client().get("/app", headers=sign.admin(SHOP))
    with unit_of_work(find_shop(SHOP) or 0) as session:
        shop = service.shop(session)
        assert shop.installed_at is not None
        assert shop.installed_at <= now(session)
