"""LINE on a phone: the merchant connects it, a shopper links an order, asks, and rates."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.story.chapters.buying import block
from tests.story.people import HINATA, Shopper, buy, link_in, ship
from tests.story.stage import Stage

HARUKA = Shopper(HINATA, "haruka@example.jp", "中村", "はるか", marketing=True)
DOMAIN = f"{HINATA}.myshopify.com"
FIELDS = ("channel-id", "channel-secret", "channel-token", "login-channel-id",
          "login-channel-secret")  # fmt: skip


def the_merchant_connects_line(stage: Stage) -> None:
    """The merchant copies LINE's keys into Okaeri, which tests them; LINE is tried first"""
    console = stage.page(f"{HINATA} merchant")
    console.goto(f"{stage.sandbox}/line/console/{DOMAIN}")
    keys = {name: console.get_by_test_id(f"line-{name}").inner_text() for name in FIELDS}
    page = stage.page(f"{HINATA} merchant")
    frame = stage.okaeri(page, HINATA, "/line")
    callback = frame.get_by_test_id("line-callback").inner_text()
    for name, value in keys.items():
        frame.locator(f"[name={name.replace('-', '_')}]").fill(value)
    frame.get_by_test_id("line-connect").click()
    expect(frame.get_by_test_id("line-account")).to_be_visible()
    stage.picture(page, "70-line-connected")
    console.get_by_test_id("line-callbacks").fill(callback)
    # A page that is closed while its form is on the way may take the form with it.
    with console.expect_navigation():
        console.get_by_test_id("line-save").click()
    stage.done(console)
    frame = stage.okaeri(page, HINATA, "/frequency")
    frame.locator("[name=prefer]").select_option("line")
    with page.expect_response(lambda answer: answer.request.method == "POST") as saved:
        frame.locator("form[data-save-bar] button.primary").click()
    assert saved.value.ok
    stage.done(page)


def one_tap_links_the_order(stage: Stage) -> None:
    """Haruka buys, taps LINE on the thank-you page, allows it at LINE, and is linked"""
    page, stage.notes["line order"] = buy(stage, HARUKA, "hinata-blend")
    link = block(page).locator("s-button[href*='/l/']")
    expect(link).to_have_count(1, timeout=30_000)
    stage.picture(page, "71-thank-you-line")
    page.goto(link.get_attribute("href") or "")
    page.get_by_test_id("line-friend").set_checked(True)
    stage.picture(page, "72-line-consent")
    page.get_by_test_id("line-allow").click()
    expect(page.get_by_test_id("line-linked")).to_be_visible()
    stage.done(page, "73-line-linked")


def in_chat(stage: Stage) -> Page:
    """Haruka's phone with the shop's chat open."""
    page = stage.page(HARUKA.email, phone=True)
    page.goto(f"{stage.sandbox}/line/chat/{DOMAIN}")
    return page


def hears(page: Page, words: str) -> None:
    """Something the account said has these words; the chat looks after itself."""
    said = page.get_by_test_id("line-account").filter(has_text=words)
    expect(said.first).to_be_visible(timeout=30_000)


def the_chat_says_where_it_is(stage: Stage) -> None:
    """She asks 配送状況 in the chat and hears where her order is, free of charge"""
    page = in_chat(stage)
    page.get_by_test_id("line-words").fill("配送状況")
    page.get_by_test_id("line-send").click()
    hears(page, "発送の準備")
    stage.done(page, "74-line-status")


def news_comes_to_the_chat(stage: Stage) -> None:
    """The parcel's news comes to the chat and not by mail; the request to rate still by mail"""
    ship(stage, HINATA, stage.notes["line order"])
    stage.forward("3d")
    page = in_chat(stage)
    hears(page, "お届け")
    stage.done(page, "75-line-delivered")
    assert not [s for s in stage.subjects(HARUKA.email) if "お届けが完了" in s]
    stage.forward("4d")
    mail = stage.mail(HARUKA.email, "ご感想")
    stage.notes["line way out"] = link_in(mail["html"], "/u/")


def she_chooses_line_for_reviews(stage: Stage) -> None:
    """On her preference page she ticks reviews on LINE"""
    page = stage.page(HARUKA.email, phone=True)
    page.goto(stage.notes["line way out"])
    page.locator("[data-testid=unsubscribe] a.button").click()
    page.locator("[name=want][value='line:reviews']").check()
    page.locator("[data-testid=preferences] [name=do][value=save]").click()
    expect(page.get_by_test_id("said")).to_be_visible()
    stage.done(page, "76-line-preferences")


def a_star_is_tapped_in_the_chat(stage: Stage) -> None:
    """The next request is a card in the chat; a tapped star leads to the page, which stores it"""
    stage.forward("4d")
    page = in_chat(stage)
    star = page.locator("form:has([name=data][value^='stars:'][value$=':5']) button")
    expect(star).to_have_count(1)
    stage.picture(page, "77-line-review-card")
    star.click()
    onward = page.locator("a[href*='stars=5']")
    expect(onward).to_have_count(1, timeout=30_000)
    page.goto(onward.get_attribute("href") or "")
    expect(page.locator("input[name=stars][value='5']")).to_be_checked()
    page.locator("form button").click()
    expect(page.get_by_test_id("review-done")).to_be_visible()
    stage.done(page, "78-line-review-done")


STEPS = [
    the_merchant_connects_line,
    one_tap_links_the_order,
    the_chat_says_where_it_is,
    news_comes_to_the_chat,
    she_chooses_line_for_reviews,
    a_star_is_tapped_in_the_chat,
]
