"""A slip in the postal code: put right by one tap while nothing has left, and not afterwards."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.processes import wait
from tests.story.chapters.buying import block
from tests.story.people import HINATA, Shopper, buy, open_order, ship, timeline
from tests.story.stage import Stage

#: Umeda, in Osaka, where the rest of the address is in Tokyo.
ELSEWHERE = "530-0001"
#: On a label the postal code has a line of its own.
RIGHT = re.compile(r"〒150-0001\s*東京都渋谷区神宮前1-2-3")
YUKO = Shopper(HINATA, "yuko@example.jp", "加藤", "優子", marketing=False, zip=ELSEWHERE)
TAKERU = Shopper(HINATA, "takeru@example.jp", "吉田", "武", marketing=False, zip=ELSEWHERE)


def buyers_may_correct_addresses(stage: Stage) -> None:
    """The merchant lets buyers correct addresses, and allows Okaeri in Shopify to change orders"""
    page = stage.page(f"{HINATA} merchant")
    frame = stage.okaeri(page, HINATA, "/addresses")
    frame.locator("[name=enabled]").check()
    with page.expect_response(lambda answer: answer.request.method == "POST") as saved:
        frame.locator("form:has([name=enabled]) button.primary").click()
    assert saved.value.status < 400
    frame = stage.okaeri(page, HINATA, "/addresses")
    expect(frame.locator("[name=enabled]")).to_be_checked()
    frame.get_by_test_id("ask-scope").click()
    page.get_by_test_id("scopes-allow").click()
    expect(frame.get_by_test_id("ask-scope")).to_have_count(0)
    stage.done(page, "90-addresses")


def one_tap_puts_the_address_right(stage: Stage) -> None:
    """Yuko mistypes her postal code; the thank-you page proposes another, and one tap takes it"""
    page, name = buy(stage, YUKO, "yoiyami-dark")
    expect(block(page).locator("body")).to_contain_text(RIGHT, timeout=30_000)
    stage.picture(page, "91-thank-you-address")
    block(page).locator("s-button", has_text="ご提案の住所に修正する").click()
    expect(block(page).locator("body")).to_contain_text("お届け先を変更いたしました")
    stage.done(page, "92-thank-you-address-done")
    merchant = stage.page(f"{HINATA} merchant")
    open_order(stage, merchant, HINATA, name)
    expect(merchant.locator("body")).to_contain_text("150-0001")
    wait(
        lambda: "修正案どおり" in timeline(stage, merchant, HINATA, name) or None,
        "the correction on the order's timeline",
    )
    stage.done(merchant, "93-timeline-address")


def after_shipping_nobody_is_asked(stage: Stage) -> None:
    """Takeru answers nothing: the merchant sees his address; once shipped, it is not asked about"""
    page, name = buy(stage, TAKERU, "yoiyami-dark")
    expect(block(page).locator("body")).to_contain_text(RIGHT, timeout=30_000)
    merchant = stage.page(f"{HINATA} merchant")
    frame = stage.okaeri(merchant, HINATA, "/addresses")
    expect(frame.get_by_test_id("address-case").filter(has_text=name)).to_contain_text(RIGHT)
    stage.done(merchant, "94-addresses-open")
    ship(stage, HINATA, name)
    stage.mail(TAKERU.email, "発送", name)
    page.reload()
    expect(block(page).locator("s-link[href*='/t/']")).to_have_count(1, timeout=30_000)
    expect(block(page).locator("body")).not_to_contain_text(RIGHT)
    stage.done(page)


STEPS = [
    buyers_may_correct_addresses,
    one_tap_puts_the_address_right,
    after_shipping_nobody_is_asked,
]
