"""Every page of the admin reads well for everybody: WCAG 2.2 AA by axe-core, on a phone, and a
keyboard gets everywhere and away again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from time import time
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect, sync_playwright

from tests import make, sign
from tests.messages.conftest import buy
from tests.messages.test_editor import CHROMIUM, serve
from tests.tracking.test_access import AXE, RULES

#: Pages about one thing, with what the shop below has; files and parts of pages are no pages.
ONE_THING = (
    "/app/orders/{order}",
    "/app/customers/{customer}",
    "/app/journeys/review",
    "/app/journeys/review/edit",
    "/app/messages/edit/review/ja",
    "/app/messages/preview/next-steps/en",
    "/app/guides/ja",
)
NO_PAGE = re.compile(r"\.(csv|pdf|json)$|/checks$|<")


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    yield from serve(app)


@pytest.fixture
def page(app: Flask, shop: make.MadeShop, address: str) -> Iterator[Page]:
    """A phone in which the admin's own script stands aside; its token lasts for the whole test."""
    with app.app_context():
        token = {"Authorization": f"Bearer {sign.id_token(shop.domain, exp=int(time()) + 900)}"}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        opened = browser.new_context(
            viewport={"width": 360, "height": 740},
            # The checker's script may run beside the pages' policy.
            bypass_csp=True,
            extra_http_headers=token,
        )
        opened.add_init_script(path=str(AXE))
        tab = opened.new_page()
        tab.set_default_timeout(20_000)
        tab.route(
            re.compile(f"^(?!{re.escape(address)})"),
            lambda route: route.fulfill(body="", content_type="text/javascript"),
        )
        # The check of all texts has its own test; here one text stands for them.
        tab.route(
            "**/app/messages/checks",
            lambda route: route.continue_(url=f"{route.request.url}?kind=review"),
        )
        yield tab
        browser.close()


def visit(page: Page, url: str) -> None:
    """Open a page, and see it whole: what it asks for by itself has come."""
    answer = page.goto(url)
    assert answer is not None
    assert answer.status == 200, url
    expect(page.locator("[aria-busy]")).to_have_count(0, timeout=60_000)


def pages(app: Flask) -> list[str]:
    """Every page of the admin that needs no more than its address."""
    found = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/app") and "GET" in (rule.methods or ())
    }
    return sorted(one for one in found if not NO_PAGE.search(one))


def faults(page: Page) -> list[str]:
    """What axe-core finds wrong on the page, and what sticks out of it."""
    found: dict[str, Any] = page.evaluate(
        """tags => axe.run(document, {
            runOnly: {type: 'tag', values: tags}, resultTypes: ['violations'],
        })""",
        RULES,
    )
    wrong = [
        f"{one['id']}: {node['html'][:160]}" for one in found["violations"] for node in one["nodes"]
    ]
    width = page.evaluate("document.documentElement.scrollWidth")
    return wrong + ([f"{width} px wide"] if width > 360 else [])


@pytest.mark.browser
def test_every_page_of_the_admin_is_accessible(
    app: Flask, shop: make.MadeShop, address: str, page: Page
) -> None:
    bought = buy(shop)
    one_thing = [
        path.format(order=bought.order_id, customer=bought.customer_id) for path in ONE_THING
    ]
    everything = pages(app) + one_thing
    assert len(everything) > 40
    wrong = {}
    # Both languages share their markup: each page is looked at once, every other one in English.
    for number, path in enumerate(everything):
        language = ("ja", "en")[number % 2]
        visit(page, f"{address}{path}?locale={language}")
        if found := faults(page):
            wrong[path] = found
    assert wrong == {}


STOPS = """() => [...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
    .filter(one => one.type !== 'hidden' && one.tabIndex >= 0 && one.checkVisibility()).length"""
HERE = """() => {
    const one = document.activeElement, box = one.getBoundingClientRect();
    const line = getComputedStyle(one).outlineStyle !== 'none';
    const seen = box.bottom > 0 && box.top < innerHeight && box.width > 1 && box.height > 1;
    const all = [...document.querySelectorAll('*')];
    return one === document.body ? null : {place: all.indexOf(one), shown: line && seen};
}"""


@pytest.mark.browser
def test_a_keyboard_gets_everywhere_and_away_again(
    shop: make.MadeShop, address: str, page: Page
) -> None:
    buy(shop)
    for path in ("/app/journeys/review", "/app/offers", "/app/orders"):
        visit(page, f"{address}{path}?locale=ja")
        stops = page.evaluate(STOPS)
        places: list[int] = []
        page.keyboard.press("Tab")
        expect(page.locator(".skip")).to_be_focused()
        while (here := page.evaluate(HERE)) is not None and len(places) <= stops:
            assert here["shown"], (path, page.evaluate("document.activeElement.outerHTML"))
            places.append(here["place"])
            page.keyboard.press("Tab")
        # Every stop once, from top to bottom, and out of the page at its end.
        assert len(places) == stops, path
        assert places == sorted(set(places)), path

    # The way past the menu; then a refused form leads to its first mistake, which says what it is.
    visit(page, f"{address}/app/settings?locale=ja")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator(".page__back")).to_be_focused()
    page.locator("[name=reply_to]").fill("nobody")
    page.locator("[name=reply_to]").press("Enter")
    wrong = page.locator("[name=reply_to][aria-invalid=true]")
    expect(wrong).to_be_focused()
    told = (wrong.get_attribute("aria-describedby") or "").split()
    assert page.locator(f"#{told[-1]}").inner_text()
    expect(page.get_by_role("alert")).to_be_visible()
