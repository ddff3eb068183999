"""The Admin API answers and refuses as Shopify's does."""

from __future__ import annotations

import time
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.sandbox import tokens, verbs
from app.sandbox.graphql import serve
from app.sandbox.graphql.access import Access, alternatives
from app.sandbox.running import Sandbox
from app.sandbox.schema_build import VERSIONS
from tests.sandbox.conftest import HINATA, MAPLE, buy

NAME = "{ shop { name } }"


class Asker:
    """A program with a token."""

    def __init__(self, sandbox: Sandbox, http: FlaskClient) -> None:
        self.sandbox, self.http = sandbox, http
        self.token = self.new_token(list(sandbox.settings.app.scopes))

    def new_token(self, scopes: list[str]) -> str:
        with self.sandbox.work(HINATA) as work:
            return str(tokens.issue(work, HINATA, scopes, expiring=True)["token"])

    def raw(
        self, query: str, shop: str = HINATA, version: str = "2026-07", **variables: Any
    ) -> Any:
        return self.http.post(
            f"/{shop}/admin/api/{version}/graphql.json",
            json={"query": query, "variables": variables},
            headers={"X-Shopify-Access-Token": self.token},
        )

    def __call__(self, query: str, **variables: Any) -> dict[str, Any]:
        answer = self.raw(query, **variables)
        assert answer.status_code == 200
        body: dict[str, Any] = answer.get_json()
        return body

    def data(self, query: str, **variables: Any) -> dict[str, Any]:
        body = self(query, **variables)
        assert "errors" not in body
        found: dict[str, Any] = body["data"]
        return found


@pytest.fixture
def ask(installed: Sandbox, http: FlaskClient) -> Asker:
    return Asker(installed, http)


def code(body: dict[str, Any]) -> str:
    return str(body["errors"][0]["extensions"]["code"])


@pytest.mark.parametrize("version", VERSIONS)
def test_both_versions_answer(ask: Asker, version: str) -> None:
    assert ask.raw(NAME, version=version).get_json()["data"] == {"shop": {"name": "ひなたコーヒー"}}


def test_what_does_not_validate_is_not_answered(ask: Asker) -> None:
    body = ask("{ shop { nmae } }")
    assert "data" not in body
    assert "Cannot query field 'nmae' on type 'Shop'" in body["errors"][0]["message"]


def test_a_variable_of_the_wrong_type_is_refused(ask: Asker) -> None:
    body = ask("query($n: Int!) { products(first: $n) { nodes { id } } }", n="many")
    assert code(body) == "INVALID_VARIABLE"


@pytest.mark.parametrize("token", ["", "shpat_forged"])
def test_a_token_nobody_issued_is_401(ask: Asker, token: str) -> None:
    ask.token = token
    assert ask.raw(NAME).status_code == 401


def test_a_token_of_another_shop_is_401(ask: Asker) -> None:
    verbs.install(ask.sandbox, MAPLE)
    assert ask.raw(NAME, shop=MAPLE).status_code == 401


def test_after_the_uninstallation_the_token_is_401(ask: Asker) -> None:
    verbs.uninstall(ask.sandbox, HINATA)
    assert ask.raw(NAME).status_code == 401


def test_an_expired_token_is_401(ask: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "ACCESS_S", -1)
    ask.token = ask.new_token(["read_products"])
    assert ask.raw(NAME).status_code == 401


def test_a_missing_scope_denies_the_field(ask: Asker) -> None:
    ask.token = ask.new_token(["read_products"])
    body = ask("{ shop { name } orders(first: 1) { nodes { id } } }")
    assert code(body) == "ACCESS_DENIED"
    assert "`read_orders`" in body["errors"][0]["extensions"]["requiredAccess"]


def test_writing_includes_reading_and_not_the_reverse(ask: Asker) -> None:
    ask.token = ask.new_token(["write_customers"])
    assert ask.data("{ customers(first: 1) { nodes { id } } }")["customers"]["nodes"] == []
    ask.token = ask.new_token(["read_discounts"])
    body = ask('mutation { discountCodeDeactivate(id: "gid://shopify/DiscountCodeNode/1")'
               " { userErrors { code } } }")  # fmt: skip
    assert code(body) == "ACCESS_DENIED"


def test_prose_becomes_alternatives() -> None:
    prose = "`read_returns` access scope and (`read_orders` access scope or `read_x` access scope)."
    assert alternatives(prose) == [{"read_returns"}, {"read_orders", "read_x"}]
    permitted = "`write_fulfillments` access scope. Also: The user must have x permission."
    assert alternatives(permitted) == [{"write_fulfillments"}]
    access = Access(types={}, fields={"Mutation.refundCreate": "`orders` access scope."})
    place = ("Mutation", "refundCreate")
    assert not access.allows(place, "X", ["read_orders"])
    assert access.allows(place, "X", ["write_orders"])


def test_an_empty_bucket_throttles_with_http_200(ask: Asker) -> None:
    verbs.set_switch(ask.sandbox, "throttle", True)
    body = ask(NAME)
    assert code(body) == "THROTTLED"
    status = body["extensions"]["cost"]["throttleStatus"]
    assert status["maximumAvailable"] == 2000
    assert status["restoreRate"] == 100
    verbs.set_switch(ask.sandbox, "throttle", False)


def test_the_bucket_leaks_and_fills(ask: Asker) -> None:
    query = "{ products(first: 250) { nodes { id variants(first: 100) { nodes { id } } } } }"
    levels = [
        ask(query)["extensions"]["cost"]["throttleStatus"]["currentlyAvailable"] for _ in range(3)
    ]
    assert levels[0] > levels[2]
    level, at = serve.BUCKETS.levels[HINATA]
    serve.BUCKETS.levels[HINATA] = (level, at - 5)  # five seconds ago
    assert ask(NAME)["extensions"]["cost"]["throttleStatus"]["currentlyAvailable"] > levels[2]


def test_a_query_may_be_too_dear(ask: Asker) -> None:
    deep = """{ orders(first: 250) { nodes { lineItems(first: 250) { nodes { product {
      variants(first: 250) { nodes { id } } } } } } } }"""
    assert code(ask(deep)) == "MAX_COST_EXCEEDED"


def test_what_is_not_simulated_says_so(ask: Asker) -> None:
    body = ask("{ shop { billingAddress { city } } }")
    assert body["errors"][0]["message"] == "not simulated: Shop.billingAddress"


ORDER = """query($id: ID!) { order(id: $id) { name checkoutToken confirmationNumber customerLocale
  displayFinancialStatus customer { numberOfOrders defaultEmailAddress { marketingState } }
  lineItems(first: 5) { nodes { quantity originalUnitPriceSet { shopMoney { amount } }
    variant { sku } } }
  fulfillments(first: 5) { displayStatus estimatedDeliveryAt
    trackingInfo(first: 1) { company number }
    events(first: 5, sortKey: HAPPENED_AT, reverse: true) { nodes { status } } } } }"""


def test_an_order_knows_the_checkout_it_came_from(ask: Asker) -> None:
    order = buy(ask.sandbox)
    sent = verbs.fulfill(ask.sandbox, HINATA, order["id"])
    verbs.advance_parcel(ask.sandbox, HINATA, sent["id"])
    found = ask.data(ORDER, id=f"gid://shopify/Order/{order['id']}")["order"]
    assert found["checkoutToken"] == order["checkout_token"]
    assert found["customer"]["defaultEmailAddress"] == {"marketingState": "SUBSCRIBED"}
    assert found["lineItems"]["nodes"][0]["originalUnitPriceSet"]["shopMoney"]["amount"] == "1980.0"
    parcel = found["fulfillments"][0]
    assert parcel["displayStatus"] == "CARRIER_PICKED_UP"
    assert parcel["estimatedDeliveryAt"]
    assert parcel["trackingInfo"][0]["company"] == "Yamato (JA)"


def test_orders_are_paged_and_searched_by_their_change(ask: Asker) -> None:
    orders = [buy(ask.sandbox, email=f"p{n}@example.jp") for n in range(3)]
    query = """query($q: String!, $after: String) {
      orders(first: 2, after: $after, query: $q, sortKey: UPDATED_AT)
      { nodes { name } pageInfo { hasNextPage endCursor } } }"""
    wanted = f"updated_at:>='{orders[0]['created_at']}'"
    first = ask.data(query, q=wanted)["orders"]
    assert [one["name"] for one in first["nodes"]] == ["#1001", "#1002"]
    rest = ask.data(query, q=wanted, after=first["pageInfo"]["endCursor"])["orders"]
    assert [one["name"] for one in rest["nodes"]] == ["#1003"]
    assert not rest["pageInfo"]["hasNextPage"]
    assert ask.data(query, q="updated_at:>'2999-01-01'")["orders"]["nodes"] == []


REFUND = """mutation($i: RefundInput!) { refundCreate(input: $i)
  { refund { id } userErrors { message } } }"""


KEYED = """mutation($i: RefundInput!, $key: String!) {
  refundCreate(input: $i) @idempotent(key: $key) { refund { id } userErrors { message } } }"""


def test_a_refund_needs_an_idempotency_key_and_happens_once(ask: Asker) -> None:
    ask.token = ask.new_token(["write_orders"])
    order = buy(ask.sandbox, quantity=2)
    line = f"gid://shopify/LineItem/{order['lines'][0]['id']}"
    wanted = {
        "orderId": f"gid://shopify/Order/{order['id']}",
        "refundLineItems": [{"lineItemId": line, "quantity": 1}],
    }
    assert "@idempotent" in ask(REFUND, i=wanted)["errors"][0]["message"]
    first, second = ask.data(KEYED, i=wanted, key="k"), ask.data(KEYED, i=wanted, key="k")
    assert first["refundCreate"]["refund"] == second["refundCreate"]["refund"]
    found = verbs.order(ask.sandbox, HINATA, order["id"])
    assert found is not None
    assert found["lines"][0]["current_quantity"] == 1
    other = {**wanted, "note": "other"}
    assert code(ask(KEYED, i=other, key="k")) == "IDEMPOTENCY_KEY_PARAMETER_MISMATCH"


CREATE = """mutation($d: DiscountCodeBasicInput!) { discountCodeBasicCreate(basicCodeDiscount: $d)
  { codeDiscountNode { id } userErrors { field code } } }"""
ADD = """mutation($id: ID!, $codes: [DiscountRedeemCodeInput!]!)
  { discountRedeemCodeBulkAdd(discountId: $id, codes: $codes)
    { bulkCreation { id done } userErrors { code } } }"""
DONE = """query($id: ID!) { discountRedeemCodeBulkCreation(id: $id)
  { done importedCount failedCount codes(first: 10) { nodes { code discountRedeemCode { id }
    errors { code } } } } }"""
REMOVE = """mutation($id: ID!, $ids: [ID!])
  { discountCodeRedeemCodeBulkDelete(discountId: $id, ids: $ids)
    { job { id done } userErrors { code } } }"""
JOB = "query($id: ID!) { job(id: $id) { done } }"


def discount(ask: Asker, **more: Any) -> dict[str, Any]:
    values = {
        "title": "Thank-you", "code": "BASE-1", "startsAt": "2026-01-01T00:00:00Z",
        "usageLimit": 1, "context": {"all": "ALL"},
        "customerGets": {"items": {"all": True}, "value": {"percentage": 0.1}}, **more,
    }  # fmt: skip
    answer: dict[str, Any] = ask.data(CREATE, d=values)["discountCodeBasicCreate"]
    return answer


def wait(ask: Asker, query: str, field: str, id: str) -> dict[str, Any]:  # noqa: A002
    for _ in range(40):
        found: dict[str, Any] = ask.data(query, id=id)[field]
        if found["done"]:
            return found
        time.sleep(0.05)
    raise AssertionError("the job never ended")


def test_codes_come_and_go_asynchronously(ask: Asker) -> None:
    node = discount(ask)["codeDiscountNode"]["id"]
    codes = [{"code": "ONE"}, {"code": "TWO"}, {"code": "base-1"}]
    begun = ask.data(ADD, id=node, codes=codes)["discountRedeemCodeBulkAdd"]["bulkCreation"]
    assert not begun["done"]
    refused = verbs.create_checkout(ask.sandbox, HINATA, _one(ask), discount_codes=["ONE"])
    assert refused["discounts"][0]["reason"] == "unknown"
    made = wait(ask, DONE, "discountRedeemCodeBulkCreation", begun["id"])
    assert (made["importedCount"], made["failedCount"]) == (2, 1)
    assert made["codes"]["nodes"][2]["errors"] == [{"code": "TAKEN"}]
    opened = verbs.create_checkout(ask.sandbox, HINATA, _one(ask), discount_codes=["one"])
    assert (opened["discounts"][0]["ok"], opened["discount"]) == (True, 198)
    gone = [made["codes"]["nodes"][0]["discountRedeemCode"]["id"]]
    job = ask.data(REMOVE, id=node, ids=gone)["discountCodeRedeemCodeBulkDelete"]["job"]
    assert not job["done"]
    wait(ask, JOB, "job", job["id"])
    late = verbs.checkout(ask.sandbox, HINATA, opened["token"])
    assert late is not None
    assert (late["discounts"][0]["reason"], late["discount"]) == ("unknown", 0)


def _one(ask: Asker) -> list[tuple[int, int]]:
    sold = verbs.product_by_handle(ask.sandbox, HINATA, "hinata-blend")
    assert sold is not None
    return [(sold["variants"][0]["id"], 1)]


def test_a_single_use_code_counts_once(ask: Asker) -> None:
    discount(ask)
    assert buy(ask.sandbox, codes=("BASE-1",))["discount"] == 198
    opened = verbs.create_checkout(ask.sandbox, HINATA, _one(ask), discount_codes=["BASE-1"])
    assert opened["discounts"][0]["reason"] == "used_up"


def test_a_code_for_one_variant_does_not_reduce_another(ask: Asker) -> None:
    sold = verbs.product_by_handle(ask.sandbox, HINATA, "drip-bags")
    assert sold is not None
    variant = f"gid://shopify/ProductVariant/{sold['variants'][0]['id']}"
    items = {"products": {"productVariantsToAdd": [variant]}}
    discount(ask, customerGets={"items": items, "value": {"percentage": 0.2}})
    opened = verbs.create_checkout(
        ask.sandbox, HINATA, [*_one(ask), (sold["variants"][0]["id"], 1)], discount_codes=["BASE-1"]
    )
    assert [line["discount"] for line in opened["lines"]] == [0, 330]


def test_a_discount_that_makes_no_sense_is_a_user_error(ask: Asker) -> None:
    body = discount(ask, customerGets={"items": {"all": True}, "value": {"percentage": 10}})
    assert body["userErrors"][0]["code"] == "VALUE_OUTSIDE_RANGE"
    discount(ask)
    assert discount(ask)["userErrors"][0]["code"] == "TAKEN"


def test_consent_changed_by_the_app_comes_back_as_a_webhook(ask: Asker) -> None:
    order = buy(ask.sandbox)
    wanted = {
        "customerId": f"gid://shopify/Customer/{order['customer_id']}",
        "emailMarketingConsent": {"marketingState": "UNSUBSCRIBED"},
    }
    ask.data(
        "mutation($i: CustomerEmailMarketingConsentUpdateInput!)"
        " { customerEmailMarketingConsentUpdate(input: $i) { userErrors { code } } }", i=wanted,
    )  # fmt: skip
    known = verbs.customer(ask.sandbox, HINATA, order["customer_id"])
    assert known is not None
    assert known["marketing_state"] == "unsubscribed"
    newest = [one["topic"] for one in verbs.deliveries(ask.sandbox, limit=2)]
    assert "customers_email_marketing_consent/update" in newest


def test_consent_to_sms_needs_a_number_and_comes_back_as_a_webhook(ask: Asker) -> None:
    customer = f"gid://shopify/Customer/{buy(ask.sandbox)['customer_id']}"
    wanted = {"customerId": customer, "smsMarketingConsent": {"marketingState": "SUBSCRIBED"}}
    consent = (
        "mutation($i: CustomerSmsMarketingConsentUpdateInput!)"
        " { customerSmsMarketingConsentUpdate(input: $i) { userErrors { message } } }"
    )
    number = "mutation($i: CustomerInput!) { customerUpdate(input: $i) { userErrors { message } } }"
    with ask.sandbox.work(HINATA) as work:
        known = work.need("customer", HINATA, customer.rsplit("/", 1)[-1])
        work.put("customer", HINATA, known["id"], {**known, "phone": None})
    told = ask.data(consent, i=wanted)["customerSmsMarketingConsentUpdate"]["userErrors"]
    assert "phone number" in told[0]["message"]
    ask.data(number, i={"id": customer, "phone": "+819012345678"})
    assert ask.data(consent, i=wanted)["customerSmsMarketingConsentUpdate"]["userErrors"] == []
    newest = [one["topic"] for one in verbs.deliveries(ask.sandbox, limit=3)]
    assert "customers/update" in newest


def test_the_app_may_report_a_scan(ask: Asker) -> None:
    ask.token = ask.new_token(["write_fulfillments", "read_orders"])
    order = buy(ask.sandbox)
    sent = verbs.fulfill(ask.sandbox, HINATA, order["id"], scenario="manual")
    body = ask.data(
        "mutation($e: FulfillmentEventInput!) { fulfillmentEventCreate(fulfillmentEvent: $e)"
        " { fulfillmentEvent { status } userErrors { message } } }",
        e={"fulfillmentId": f"gid://shopify/Fulfillment/{sent['id']}", "status": "IN_TRANSIT"},
    )  # fmt: skip
    assert body["fulfillmentEventCreate"]["fulfillmentEvent"] == {"status": "IN_TRANSIT"}


def test_the_operations_the_project_starts_from_are_answered(ask: Asker) -> None:
    """Every query of the app is answered without an error, in both versions."""
    from pathlib import Path

    import app.shopify

    order = buy(ask.sandbox)
    node = discount(ask)["codeDiscountNode"]["id"]
    begun = ask.data(ADD, id=node, codes=[{"code": "Q"}])["discountRedeemCodeBulkAdd"]
    ids = {
        "order_for_tracking": f"gid://shopify/Order/{order['id']}", "find_codes": node,
        "order_address": f"gid://shopify/Order/{order['id']}",
        "order_lines": f"gid://shopify/Order/{order['id']}",
        "order_returns": f"gid://shopify/Order/{order['id']}",
        "find_return": "gid://shopify/Return/1",
        "code_creation": begun["bulkCreation"]["id"],
    }  # fmt: skip
    folder = Path(str(app.shopify.__file__)).parent / "graphql"
    asked = 0
    for path in sorted(folder.glob("*.graphql")):
        text = path.read_text()
        if "mutation" in text:
            continue
        asked += 1
        for version in VERSIONS:
            body = ask.raw(
                text,
                version=version,
                id=ids.get(path.stem),
                ids=[f"gid://shopify/ProductVariant/{order['lines'][0]['variant_id']}"],
                code="BASE-1",
                q="status:any",
                sort="UPDATED_AT",
                reverse=False,
            ).get_json()
            assert "errors" not in body, (path.name, body["errors"])
    assert asked >= 5
