"""Who is in the story, and what they type."""

from __future__ import annotations

import json
import re
import zlib
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from html import unescape
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from tests.story.stage import Stage

HINATA, MAPLE = "hinata-coffee", "maple-goods"


@dataclass(frozen=True)
class Shopper:
    """A buyer: the shop, the address, and whether they tick Shopify's marketing box."""

    shop: str
    email: str
    last_name: str
    first_name: str
    marketing: bool
    language: str = "ja-JP"
    #: As typed; a Japanese one of another place is a slip of the finger.
    zip: str = "150-0001"

    @property
    def province(self) -> str:
        """The prefecture or state of the address."""
        return "東京都" if self.language.startswith("ja") else "New York"

    @property
    def address(self) -> dict[str, str]:
        """Where parcels go."""
        if self.language.startswith("ja"):
            return {
                "zip": self.zip,
                "city": "渋谷区",
                "address1": "神宮前1-2-3",
                "address2": "ひなたハイツ201",
            }
        return {"address1": "12 Maple Street", "city": "Brooklyn", "zip": "11201"}


HANAKO = Shopper(HINATA, "hanako@example.jp", "山田", "花子", marketing=True)
JIRO = Shopper(HINATA, "jiro@example.jp", "佐藤", "次郎", marketing=False)
SARAH = Shopper(MAPLE, "sarah@example.com", "Johnson", "Sarah", True, "en-US")


def take_to_checkout(stage: Stage, who: Shopper, handle: str) -> Page:
    """Put a product into the cart on the phone and go to the checkout."""
    page = stage.page(who.email, phone=True, language=who.language)
    page.goto(stage.store(who.shop, f"/products/{handle}"))
    page.get_by_test_id("add-to-cart").click()
    page.get_by_test_id("checkout").click()
    page.get_by_test_id("checkout-form").wait_for()
    return page


def fill_in(page: Page, who: Shopper) -> None:
    """Fill in the checkout as this person."""
    page.get_by_test_id("email").fill(who.email)
    page.get_by_test_id("marketing").set_checked(who.marketing)
    if page.get_by_test_id("digital-only").count():
        return
    page.get_by_test_id("last_name").fill(who.last_name)
    page.get_by_test_id("first_name").fill(who.first_name)
    for name, text in who.address.items():
        page.get_by_test_id(name).fill(text)
    page.get_by_test_id("province").select_option(label=who.province)


def pay(page: Page, method: str = "card") -> str:
    """Choose the payment, place the order and answer its name (`#1001`)."""
    page.get_by_test_id(f"payment-{method}").check()
    page.get_by_test_id("pay").click()
    expect(page.get_by_test_id("thank-you")).to_be_visible()
    found = re.search(r"#\d+", page.get_by_test_id("order-number").inner_text())
    assert found
    return found[0]


def buy(stage: Stage, who: Shopper, handle: str, method: str = "card") -> tuple[Page, str]:
    """Buy one product; the page is left on the thank-you page."""
    page = take_to_checkout(stage, who, handle)
    fill_in(page, who)
    return page, pay(page, method)


def link_in(html: str, part: str, query: str = "") -> str:
    """The first link of a mail that leads to a path beginning with `part` (and with this in its
    query), as it stands in the mail: through us where clicks are counted."""
    for found in re.findall(r'href="([^"]+)"', html):
        url: str = unescape(found)
        goal = urlsplit(_goal(url))
        if goal.path.startswith(part) and query in goal.query:
            return url
    raise AssertionError(f"no link to {part} in the mail")


def _goal(url: str) -> str:
    """Where a link in the end leads. A counted one carries its goal, signed but readable."""
    path = urlsplit(url).path
    if not path.startswith("/c/"):
        return url
    payload = path.removeprefix("/c/").rsplit(".", 1)[0]
    packed = payload.startswith(".")
    raw = urlsafe_b64decode(payload.lstrip(".") + "===")
    return str(json.loads(zlib.decompress(raw) if packed else raw)[1]["u"])


def open_order(stage: Stage, page: Page, shop: str, name: str) -> None:
    """Open an order in Shopify's admin."""
    page.goto(stage.admin(shop, "/orders"))
    page.get_by_test_id("order-row").filter(has_text=name).get_by_role("link").first.click()
    expect(page.get_by_test_id("order-name")).to_have_text(name)


def ship(stage: Stage, shop: str, name: str, scenario: str = "smooth") -> None:
    """Ship an order with the first carrier offered."""
    page = stage.page(f"{shop} merchant")
    open_order(stage, page, shop, name)
    page.get_by_test_id("fulfill-scenario").select_option(scenario)
    page.get_by_test_id("fulfill-submit").click()
    expect(page.get_by_test_id("parcel-number").first).to_be_visible()
    stage.done(page)


def timeline(stage: Stage, page: Page, shop: str, name: str) -> str:
    """Open an order's timeline in Okaeri and answer its text."""
    frame = stage.okaeri(page, shop, "/orders")
    frame.get_by_test_id("order").filter(has_text=name).get_by_role("link").first.click()
    frame.get_by_test_id("timeline").wait_for()
    return frame.get_by_test_id("timeline").inner_text()
