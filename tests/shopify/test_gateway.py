"""What Shopify may answer to a query, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest

from app.core.errors import GiveUp, TryLater
from app.shopify import gateway
from app.shopify.client import ShopClient
from app.shopify.payloads import PlanPayload
from tests.shopify.fake_shopify import SHOP_INFO, Answer, Shopify
from tests.shopify.test_verify import SETTINGS

SHOP = "hinata-coffee.myshopify.com"
GRAPHQL = "/admin/api/2026-07/graphql.json"


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=5) as client:
        yield client


@pytest.fixture
def client(shopify: Shopify, http: httpx.Client) -> ShopClient:
    return ShopClient(SHOP, "shpat_1", replace(SETTINGS, shopify_api_url=shopify.url), http)


def test_a_store_says_who_it_is(client: ShopClient, shopify: Shopify) -> None:
    shopify.says(GRAPHQL, SHOP_INFO)
    info = gateway.shop_info(client)
    assert (info.name, info.currency, info.country) == ("ひなたコーヒー", "JPY", "JP")
    assert info.scopes == "read_orders"
    path, headers, _ = shopify.asked[0]
    assert path == f"/{SHOP}{GRAPHQL}"
    assert headers["X-Shopify-Access-Token"] == "shpat_1"


THROTTLED = {
    "errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}],
    "extensions": {
        "cost": {
            "requestedQueryCost": 100,
            "throttleStatus": {
                "currentlyAvailable": 50,
                "restoreRate": 50,
                "maximumAvailable": 2000,
            },
        }
    },
}


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (Answer(THROTTLED), 2.0),
        (Answer({"errors": [{"message": "x", "extensions": {"code": "THROTTLED"}}]}), 1.0),
        (Answer({}, 429, {"Retry-After": "3.5"}), 3.5),
        (Answer({}, 430), None),
        (Answer("<html>down</html>", 503), None),
        (Answer("<html>fine?</html>"), None),
        (Answer({"data": None}), None),
        (Answer([]), None),
        (
            Answer({"errors": [{"message": "x", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}]}),
            None,
        ),
    ],
)
def test_a_busy_shopify_is_asked_later(
    client: ShopClient, shopify: Shopify, answer: Answer, seconds: float | None
) -> None:
    shopify.says(GRAPHQL, answer)
    with pytest.raises(TryLater) as caught:
        gateway.shop_info(client)
    assert caught.value.seconds == seconds
    assert len(shopify.asked) == 1


@pytest.mark.parametrize(
    "answer",
    [
        Answer(
            {"errors": [{"message": "no", "extensions": {"code": "ACCESS_DENIED"}}], "data": None}
        ),
        # Half an answer would overwrite a whole row.
        Answer({**SHOP_INFO.body, "errors": [{"message": "half"}]}),
        Answer({"errors": "[API] Invalid"}, 200),
        Answer({"errors": "Unavailable Shop"}, 402),
        Answer({}, 404),
        Answer({}, 401),
    ],
)
def test_a_refusing_shopify_is_not_asked_again(
    client: ShopClient, shopify: Shopify, answer: Answer
) -> None:
    shopify.says(GRAPHQL, answer)
    with pytest.raises(GiveUp):
        gateway.shop_info(client)


def test_nobody_there_is_later(http: httpx.Client) -> None:
    settings = replace(SETTINGS, shopify_api_url="http://127.0.0.1:9/{shop}")
    with pytest.raises(TryLater):
        gateway.shop_info(ShopClient(SHOP, "shpat_1", settings, http))


def test_a_token_that_is_no_longer_taken_is_renewed_once(
    client: ShopClient, shopify: Shopify
) -> None:
    asked: list[str] = []

    def renew(refused: str) -> str:
        asked.append(refused)
        return "shpat_2"

    client.renew = renew
    shopify.says(GRAPHQL, Answer({}, 401), SHOP_INFO)
    gateway.shop_info(client)
    assert (asked, client.access_token) == (["shpat_1"], "shpat_2")
    shopify.says(GRAPHQL, Answer({}, 401))
    with pytest.raises(GiveUp):
        gateway.shop_info(client)


MOMENT = datetime(2026, 6, 10, tzinfo=UTC)
CHANGES: list[tuple[str, Callable[[ShopClient], Any]]] = [
    (
        "discountCodeBasicCreate",
        lambda c: gateway.create_discount(
            c,
            title="t",
            code="A",
            percent=10,
            variants=[7],
            starts_at=MOMENT,
            ends_at=MOMENT,
        ),
    ),
    ("discountRedeemCodeBulkAdd", lambda c: gateway.add_codes(c, "gid://d/1", ["A"])),
    ("discountCodeRedeemCodeBulkDelete", lambda c: gateway.remove_codes(c, "gid://d/1", ["x"])),
    ("discountCodeDeactivate", lambda c: gateway.deactivate_discount(c, "gid://d/1")),
    (
        "customerEmailMarketingConsentUpdate",
        lambda c: gateway.update_email_consent(c, 7, subscribed=False, at=MOMENT),
    ),
    (
        "customerSmsMarketingConsentUpdate",
        lambda c: gateway.update_sms_consent(c, 7, subscribed=True, at=MOMENT),
    ),
    ("customerUpdate", lambda c: gateway.set_phone(c, 7, "+819012345678")),
]


@pytest.mark.parametrize(("field", "call"), CHANGES, ids=[name for name, _ in CHANGES])
def test_user_errors_are_said_in_shopifys_words(
    client: ShopClient, shopify: Shopify, field: str, call: Callable[[ShopClient], Any]
) -> None:
    errors = [{"field": ["x"], "message": "This is too much", "code": "INVALID"}]
    shopify.says(GRAPHQL, Answer({"data": {field: {"userErrors": errors}}}))
    with pytest.raises(GiveUp, match="This is too much"):
        call(client)
    shopify.says(GRAPHQL, Answer({"data": {field: None}}))
    with pytest.raises(GiveUp):
        call(client)


def test_codes_are_found_page_by_page(client: ShopClient, shopify: Shopify) -> None:
    def page(code: str, after: str | None) -> Answer:
        nodes = [{"id": f"gid://c/{code}", "code": code, "asyncUsageCount": 0}]
        info = {"hasNextPage": after is not None, "endCursor": after}
        codes = {"__typename": "DiscountCodeBasic", "codes": {"nodes": nodes, "pageInfo": info}}
        return Answer({"data": {"discountNode": {"discount": codes}}})

    shopify.says(GRAPHQL, page("A", "c1"), page("B", "c2"), page("C", None))
    assert gateway.find_redeem_codes(client, "gid://d/1", ["A", "C"]) == {
        "A": "gid://c/A",
        "C": "gid://c/C",
    }
    assert [query["variables"]["after"] for query in shopify.queries()] == [None, "c1", "c2"]


def line(number: int, plan: str | None) -> dict[str, Any]:
    bought = {"name": plan, "sellingPlanId": f"gid://shopify/SellingPlan/{number}"}
    return {"id": f"gid://shopify/LineItem/{number}", "sellingPlan": bought if plan else None}


def test_an_order_says_what_its_webhooks_lack(client: ShopClient, shopify: Shopify) -> None:
    order = {
        "id": "gid://shopify/Order/7",
        "updatedAt": "2026-06-10T01:02:03Z",
        "checkoutToken": "tok",
        "customer": {"numberOfOrders": "2"},
        "fulfillments": [
            {"id": "gid://shopify/Fulfillment/8", "estimatedDeliveryAt": "2026-06-12T00:00:00Z"},
            {"id": "gid://shopify/Fulfillment/9", "estimatedDeliveryAt": None},
        ],
        "lineItems": {"nodes": [line(1, "Monthly"), line(2, "Early bird"), line(3, None)]},
    }
    monthly = {
        "id": "gid://shopify/SellingPlan/1",
        "category": "OTHER",
        "billingPolicy": {"interval": "WEEK", "intervalCount": 4},
    }
    shopify.says(
        GRAPHQL,
        Answer({"data": {"order": order}}),
        # The second plan went with the app that made it.
        Answer({"data": {"nodes": [monthly, None]}}),
        Answer({"data": {"order": None}}),
    )
    found = gateway.order_details(client, 7)
    assert found.plans == {
        1: PlanPayload(name="Monthly", kind="subscription", days=28),
        2: PlanPayload(name="Early bird"),
    }
    assert (found.checkout_token, found.customer_orders) == ("tok", 2)
    assert found.estimated_delivery == {8: datetime(2026, 6, 12, tzinfo=UTC)}
    with pytest.raises(GiveUp):
        gateway.order_details(client, 7)


def test_the_catalogue_comes_in_pages(client: ShopClient, shopify: Shopify) -> None:
    node = {
        "id": "gid://shopify/Product/1",
        "title": "ひなたブレンド",
        "handle": "blend",
        "productType": "Coffee",
        "vendor": "Hinata",
        "tags": ["beans"],
        "collections": {"nodes": [{"handle": "everyday"}]},
        "status": "ACTIVE",
        "updatedAt": "2026-06-10T00:00:00Z",
        "featuredMedia": None,
        "variants": {
            "nodes": [
                {
                    "id": "gid://shopify/ProductVariant/2",
                    "title": "200g",
                    "sku": None,
                    "price": "1980",
                    "availableForSale": True,
                    "inventoryQuantity": 0,
                    "inventoryItem": {
                        "requiresShipping": True,
                        "tracked": False,
                        "unitCost": None,
                    },
                }
            ]
        },
    }
    info = {"hasNextPage": False, "endCursor": None}
    shopify.says(GRAPHQL, Answer({"data": {"products": {"nodes": [node], "pageInfo": info}}}))
    page = gateway.products_page(client)
    (product,) = page.items
    (variant,) = product.variants
    assert (page.after, product.status, product.image_url) == (None, "active", None)
    assert (variant.price, variant.inventory) == (Decimal(1980), None)
