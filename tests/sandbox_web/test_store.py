"""Buying in the online store."""

from __future__ import annotations

from flask.testing import FlaskClient

from app.sandbox import verbs
from app.sandbox.running import Sandbox
from tests.sandbox.conftest import HINATA, MAPLE
from tests.sandbox_web.shopper import FORM, checkout, marks, order, variant


def test_the_shop_speaks_its_language_unless_asked_for_another(http: FlaskClient) -> None:
    assert '<html lang="ja">' in http.get(f"/{HINATA}").text
    assert '<html lang="en">' in http.get(f"/{HINATA}?locale=en").text
    assert '<html lang="en">' in http.get(f"/{MAPLE}").text
    assert '<html lang="en">' in http.get(f"/{MAPLE}?locale=fr").text


def test_every_product_has_its_picture(http: FlaskClient, sandbox: Sandbox) -> None:
    for domain in (HINATA, MAPLE):
        for product in verbs.products(sandbox, domain):
            with http.get(product["image"]["src"].removeprefix(sandbox.settings.url)) as answer:
                assert (answer.status_code, answer.mimetype) == (200, "image/png")


def test_the_cart_keeps_what_was_put_in(http: FlaskClient) -> None:
    chosen = variant(http, "hinata-blend")
    http.post(f"/{HINATA}/cart", data={"add": chosen, "quantity": 2})
    assert "¥3,960" in http.get(f"/{HINATA}/cart").text
    http.post(f"/{HINATA}/cart", data={f"quantity-{chosen}": 1})
    assert "¥1,980" in http.get(f"/{HINATA}/cart").text
    http.post(f"/{HINATA}/cart", data={"remove": chosen})
    assert "checkout" not in marks(http.get(f"/{HINATA}/cart").text)


def test_the_marketing_box_is_not_ticked(http: FlaskClient) -> None:
    page = http.get(checkout(http)).text
    box = page[page.index('name="marketing"') :]
    assert "checked" not in box[: box.index(">")]


def test_a_mistake_shows_the_form_again(http: FlaskClient, sandbox: Sandbox) -> None:
    place = checkout(http)
    wrong = {"email": "nonsense", "zip": "12", "last_name": "", "province": "", "address1": " "}
    for name, value in wrong.items():
        answer = http.post(place, data={**FORM, name: value})
        assert answer.status_code == 422
        assert f'id="{name}-error"' in answer.text
        assert "渋谷区" in answer.text  # what was typed is still there
    assert verbs.orders(sandbox, HINATA) == []


def test_an_order_is_placed_once(http: FlaskClient, sandbox: Sandbox) -> None:
    place = checkout(http)
    first, second = (http.post(place, data={**FORM, "marketing": "on"}) for _ in range(2))
    assert first.status_code == second.status_code == 303
    (placed,) = verbs.orders(sandbox, HINATA)
    assert placed["email"] == "taro@example.jp"
    assert placed["shipping_address"]["city"] == "渋谷区"
    assert verbs.customer(sandbox, HINATA, placed["customer_id"])["marketing_state"] == "subscribed"
    assert http.get(place).status_code == 302  # a finished checkout leads to its thank-you page
    assert "thank-you" in marks(http.get(first.headers["Location"]).text)


def test_a_phone_number_will_do_instead_of_an_address(http: FlaskClient, sandbox: Sandbox) -> None:
    order(http, email="090-1234-5678")
    (placed,) = verbs.orders(sandbox, HINATA)
    assert placed["email"] is None
    assert placed["phone"] == "090-1234-5678"


def test_a_digital_order_asks_for_no_address(http: FlaskClient, sandbox: Sandbox) -> None:
    place = checkout(http, "recipe-book")
    assert "digital-only" in marks(http.get(place).text)
    http.post(place, data={"action": "pay", "email": "a@example.jp", "payment": "card"})
    (placed,) = verbs.orders(sandbox, HINATA)
    assert placed["shipping_address"] is None


def test_test_orders_and_unpaid_orders_say_so(http: FlaskClient, sandbox: Sandbox) -> None:
    page = http.get(order(http, payment="konbini", test="on")).text
    assert "payment-pending" in marks(page)
    (placed,) = verbs.orders(sandbox, HINATA)
    assert placed["test"] is True
    assert placed["financial_status"] == "pending"


def test_a_code_that_does_not_count_is_refused_in_words(http: FlaskClient) -> None:
    answer = http.post(checkout(http), data={"action": "apply", "discount": "NOPE"})
    assert "discount-refused" in marks(answer.text)
    assert "このクーポンコードはご利用いただけません" in answer.text


def test_a_permalink_opens_a_prefilled_checkout(http: FlaskClient, sandbox: Sandbox) -> None:
    chosen = variant(http, "hinata-blend")
    answer = http.get(
        f"/{HINATA}/cart/{chosen}:2?discount=A,B&attributes[okaeri_ref]=r1&ref=okaeri"
        "&checkout[email]=hana%40example.jp&checkout[shipping_address][city]=京都市"
    )
    assert answer.status_code == 302
    assert "hana@example.jp" in http.get(answer.headers["Location"]).text
    token = answer.headers["Location"].rsplit("/", 1)[1]
    made = verbs.checkout(sandbox, HINATA, token)
    assert made is not None
    assert made["attributes"] == {"okaeri_ref": "r1"}
    assert made["discount_codes"] == ["A", "B"]
    assert made["ref"] == "okaeri"
    assert [line["quantity"] for line in made["lines"]] == [2]
    assert made["prefill"]["address"] == {"city": "京都市"}
    assert verbs.orders(sandbox, HINATA) == []


def test_a_permalink_to_the_cart_fills_the_cart(http: FlaskClient) -> None:
    chosen = variant(http, "hinata-blend")
    answer = http.get(f"/{HINATA}/cart/{chosen}:2?storefront=true", follow_redirects=True)
    assert "¥3,960" in answer.text


def test_a_permalink_to_nothing_is_refused(http: FlaskClient) -> None:
    for path in ("/cart/1:1", "/cart/nonsense"):
        assert http.get(f"/{HINATA}{path}").status_code == 422


def test_what_does_not_exist_is_not_found(http: FlaskClient) -> None:
    inside = ("products/none", "checkouts/none", "orders/none", "community/okaeri")
    for path in ("/nobody.myshopify.com", *(f"/{HINATA}/{one}" for one in inside)):
        assert http.get(path).status_code == 404
