"""Every page a shopper meets here reads well for everybody: WCAG 2.2 AA by axe-core, in a browser,
on a phone, in both languages, in all states."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Page, sync_playwright

from app.consent import service as consent
from app.core import links
from app.core.clock import now
from app.mirror.queries import order_lines
from app.parcels import queries as parcels
from app.shops import service as shops
from tests import make
from tests.journeys.world import World
from tests.messages.test_editor import CHROMIUM, serve
from tests.thankyou.conftest import Ask, Offering, ask, later, offering

__all__ = ["ask", "later", "offering"]

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
#: Where to keep pictures of what was looked at; kept nowhere by default.
PICTURES = os.environ.get("OKAERI_TEST_PICTURES")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
#: What can be pressed and is too small for a finger: less than 44 px high where it stands alone. A
#: link within a sentence may be as high as its line (WCAG 2.2, 2.5.8), a box is as large as its
#: label.
SMALL = """() => [...document.querySelectorAll(
  'a[href], button, summary, select, textarea, input:not([type=hidden])'
)].flatMap((one) => {
  const boxes = [one, ...(one.labels ?? [])].map((each) => each.getBoundingClientRect());
  const shown = boxes[0].width > 0 && boxes[0].right > 0 && one.checkVisibility();
  const beside = [...one.parentElement.childNodes].some(
    (node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim(),
  );
  const within = getComputedStyle(one).display === 'inline' && beside;
  const fits = boxes.some((box) => box.height >= 43.5 && box.width >= 24);
  return shown && !within && !fits ? [`${one.outerHTML.slice(0, 120)} ${boxes[0].height}`] : [];
})"""
SCANS = {
    "in_transit": ("carrier_picked_up", "in_transit"),
    "out_for_delivery": ("in_transit", "out_for_delivery"),
    "attempted": ("out_for_delivery", "attempted_delivery"),
    "pickup": ("in_transit", "ready_for_pickup"),
    "exception": ("in_transit", "delayed"),
    "delivered": ("out_for_delivery", "delivered"),
}


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    yield from serve(app)


@pytest.fixture
def phone(address: str) -> Iterator[Page]:
    """A phone whose shopper sees our pages and nobody else's."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        # Scripts of ours are none here, and the checker's may run beside the pages' policy.
        opened = browser.new_context(viewport={"width": 360, "height": 740}, bypass_csp=True)
        page = opened.new_page()
        page.set_default_timeout(20_000)
        page.route(
            "**/*",
            lambda route: (
                route.continue_()
                if route.request.url.startswith(address)
                else route.fulfill(body="", content_type="image/png")
            ),
        )
        yield page
        browser.close()


def faults(page: Page) -> list[str]:
    """What axe-core finds wrong on the page, with the elements."""
    page.add_script_tag(path=str(AXE))
    found: dict[str, Any] = page.evaluate(
        "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", RULES
    )
    return [
        f"{one['id']}: {node['html'][:160]}" for one in found["violations"] for node in one["nodes"]
    ]


def look(page: Page, url: str, name: str, languages: tuple[str, ...] = ("ja", "en")) -> None:
    """Open a page in both languages: nothing is wrong with it, and nothing sticks out. Of a page of
    few words one language is enough."""
    for language in languages:
        page.goto(f"{url}{'&' if '?' in url else '?'}lang={language}")
        assert page.locator("html").get_attribute("lang") == language
        assert faults(page) == [], (name, language)
        assert page.evaluate(SMALL) == [], (name, language)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 360, (name, language, width)
        if PICTURES:
            for size in (360, 1280):
                page.set_viewport_size({"width": size, "height": 740})
                page.screenshot(path=f"{PICTURES}/{name}-{language}-{size}.png", full_page=True)
            page.set_viewport_size({"width": 360, "height": 740})


def signed(shop: make.MadeShop, purpose: str, **subject: int | str) -> str:
    with shop.work() as session:
        return links.sign(shop.id, purpose, subject, now(session) + timedelta(days=9))


def states(world: World) -> Iterator[tuple[str, int]]:
    """An order in each state that a parcel can be in, and before."""
    yield "preparing", world.place(note_attributes={"お届け時間": "14:00-16:00"})
    yield "unpaid", world.place(financial_status="pending")
    shipped = world.place()
    world.ship(shipped)
    yield "shipped", shipped
    for state, scans in SCANS.items():
        order = world.place()
        parcel = world.ship(order)
        for status in scans:
            world.scan(parcel, status)
        yield state, order
    back = world.place()
    world.ship(back)
    with world.shop.work() as session:
        [parcel_row] = parcels.parcels_of(session, back)
        parcel_row.state = "returned"
    yield "returned", back


@pytest.mark.browser
def test_the_tracking_page_in_all_states(
    app: Flask, shop: make.MadeShop, address: str, phone: Page
) -> None:
    world = World(app, shop)
    for name, order in states(world):
        look(phone, f"{address}/t/{signed(shop, 'track', order=order)}", name)
    # Who does not find it says so without any script.
    phone.goto(f"{address}/t/{signed(shop, 'track', order=_delivered(world))}?lang=ja")
    phone.locator("[data-testid=not-received] summary").click()
    assert faults(phone) == []
    phone.locator("[data-testid=not-received] textarea").fill("ポストも空でした")
    phone.locator("[data-testid=not-received] button").click()
    assert phone.locator("[data-testid=missing]").is_visible()
    look(phone, phone.url.split("#")[0].split("?")[0], "missing")


def _delivered(world: World) -> int:
    order = world.place()
    world.deliver(order)
    return order


@pytest.mark.browser
def test_the_other_pages_a_shopper_meets(
    app: Flask, shop: make.MadeShop, address: str, phone: Page
) -> None:
    world = World(app, shop)
    order = _delivered(world)
    with shop.work() as session:
        line = order_lines(session, order)[0].id
    person = world.customer(order)
    look(phone, f"{address}/track/{shop.domain.split('.')[0]}", "lookup")
    phone.locator("[name=order]").fill(" ")
    phone.locator("[name=contact]").fill(" ")
    phone.locator("[data-testid=lookup] button").click()
    assert phone.locator("[data-testid=lookup-empty]").count() == 2
    assert faults(phone) + phone.evaluate(SMALL) == []
    look(phone, f"{address}/r/{signed(shop, 'reorder', order=order, line=line)}", "reorder")
    for quantity in phone.locator("input.quantity").all():
        quantity.fill("0")
    phone.get_by_test_id("reorder-confirm").click()
    assert phone.get_by_test_id("reorder-error").is_visible()
    assert faults(phone) + phone.evaluate(SMALL) == []
    look(phone, f"{address}/reviews/{signed(shop, 'review', order=order, line=line)}", "review")
    phone.locator("label[for=star-4]").click()
    phone.locator("main form button").click()
    assert phone.get_by_test_id("review-done").is_visible()
    assert faults(phone) + phone.evaluate(SMALL) == []
    with shop.work() as session:
        consent.link_channel(session, person, "line", "U1", {"how": "test"})
        product = order_lines(session, order)[0].product_shopify_id or 0
    look(phone, f"{address}/preferences/{signed(shop, 'preferences', customer=person)}", "prefs")
    assert phone.get_by_test_id("unlink").is_visible()
    look(phone, f"{address}/u/{signed(shop, 'unsubscribe', customer=person)}", "way-out", ("ja",))
    look(phone, f"{address}/confirm/{signed(shop, 'confirm', customer=person)}", "confirm", ("ja",))
    look(phone, f"{address}/g/{signed(shop, 'guide', product=product)}", "guide")
    look(phone, f"{address}/l/{signed(shop, 'line', order=order)}", "line")
    asked = f"{address}/survey/{signed(shop, 'survey', order=order, question='left')}"
    phone.goto(f"{asked}?lang=ja&answer=messages")
    assert faults(phone) + phone.evaluate(SMALL) == []
    phone.get_by_role("button").click()
    assert phone.locator("[data-testid=survey-done]").is_visible()
    assert faults(phone) + phone.evaluate(SMALL) == []


@pytest.mark.browser
def test_the_pages_of_what_is_over_or_was_never_there(
    app: Flask,
    offering: Offering,
    ask: Ask,
    later: Callable[..., None],
    address: str,
    phone: Page,
) -> None:
    shop, world = offering.shop, World(app, offering.shop)
    with shop.work() as session:
        make.order(session, checkout_token="checkout-1")
    offer = urlsplit(ask("checkout-1")["offer"]["accept_url"]).path
    later(minutes=6)
    phone.goto(address + offer)
    assert phone.get_by_role("heading", name="こちらのご案内は終了いたしました").is_visible()
    assert faults(phone) + phone.evaluate(SMALL) == []
    with shop.work() as session:
        download = [make.product(session, requires_shipping=False)]
        digital = make.order(session, items=download).id
        cancelled = make.order(session, cancelled_at=now(session)).id
        line = {"line_url": "https://line.me/x", "line_linking": True}
        shops.shop(session).settings = {**shops.shop(session).settings, **line}
    moved = world.place()
    buyer = world.customer(moved)
    with shop.work() as session:
        consent.link_channel(session, buyer, "line", "U1", {"how": "test"})
    for name, order in (("digital", digital), ("cancelled", cancelled), ("linked", moved)):
        look(phone, f"{address}/t/{signed(shop, 'track', order=order)}", name, ("ja",))
    assert phone.get_by_test_id("line-linked").is_visible()
    living = signed(shop, "track", order=moved)
    with shop.work() as session:
        past = links.sign(shop.id, "track", {"order": moved}, now(session) - timedelta(days=1))
    look(phone, f"{address}/t/{past}", "expired", ("en",))
    with shop.work() as session:
        shops.uninstall(session)
    look(phone, f"{address}/t/{living}", "left", ("ja",))
    assert phone.get_by_test_id("left").is_visible()
