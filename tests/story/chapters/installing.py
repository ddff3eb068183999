"""A merchant finds Okaeri, installs it and sets it up; so does a second one."""

from __future__ import annotations

from playwright.sync_api import FrameLocator, expect

from tests.story.people import HINATA, MAPLE
from tests.story.stage import Stage


def the_sandbox_shows_two_shops(stage: Stage) -> None:
    """The sandbox opens with two shops"""
    page = stage.page("visitor")
    page.goto(stage.sandbox)
    for shop in (HINATA, MAPLE):
        expect(page.get_by_test_id(f"shop-{shop}")).to_be_visible()
    stage.done(page, "01-sandbox")


def install(stage: Stage, shop: str, language: str, words: str, picture: str) -> None:
    page = stage.page(f"{shop} merchant", language=language)
    page.goto(stage.admin(shop, "/apps"))
    page.get_by_test_id("app-install").click()
    expect(page.get_by_test_id("scopes")).to_contain_text("read_orders")
    page.get_by_test_id("grant-confirm").click()
    frame = page.frame_locator("[data-testid=app-frame]")
    expect(frame.locator("main")).to_contain_text(words, timeout=60_000)
    stage.done(page, picture)


def the_merchant_installs(stage: Stage) -> None:
    """A merchant installs Okaeri; its home opens inside the admin, in Japanese"""
    install(stage, HINATA, "ja-JP", "Okaeriの設定をはじめましょう", "02-home-new")


def the_second_merchant_installs(stage: Stage) -> None:
    """A second merchant installs it, in English"""
    install(stage, MAPLE, "en-US", "Set up Okaeri", "03-home-english")


def save(frame: FrameLocator, given: dict[str, str]) -> None:
    for name, value in given.items():
        frame.locator(f"[name={name}]").fill(value)
    frame.locator("form[data-save-bar] button.primary").click()


def nonsense_comes_back_with_its_errors(stage: Stage) -> None:
    """Settings with nonsense come back with an error at each field, and nothing is lost"""
    page = stage.page(f"{HINATA} merchant")
    frame = stage.okaeri(page, HINATA, "/settings")
    save(frame, {"reply_to": "not an address", "support_email": "nobody", "line_url": "x"})
    expect(frame.locator(".field__error")).to_have_count(3)
    expect(frame.locator("[name=reply_to]")).to_have_value("not an address")
    stage.done(page, "04-settings-errors")


def set_up(stage: Stage, shop: str, given: dict[str, str], product: str) -> None:
    page = stage.page(f"{shop} merchant")
    frame = stage.okaeri(page, shop, "/offers/new")
    frame.locator("[name=name]").fill(product)
    choice = frame.locator("[name=variants]")
    option = choice.locator("option").filter(has_text=product).first
    choice.select_option(option.get_attribute("value") or "")
    frame.locator("[name=enabled]").check()
    frame.locator("[name=percent]").fill("15")
    frame.locator("form .actions--end .primary").click()
    expect(frame.locator("[data-testid=offer]")).to_have_count(1)
    frame = stage.okaeri(page, shop, "/settings")
    save(frame, given)
    expect(frame.locator("body")).not_to_contain_text("corrected")
    expect(frame.locator(".field__error")).to_have_count(0)
    stage.done(page, f"05-settings-{shop}")


def the_merchant_says_who_writes(stage: Stage) -> None:
    """Sender, support, footer, logo colour, LINE and the offer are set, in both shops"""
    set_up(
        stage,
        HINATA,
        {
            "sender_name": "ひなたコーヒー",
            "reply_to": "hello@hinata-coffee.example",
            "support_email": "hello@hinata-coffee.example",
            "support_phone": "03-1234-5678",
            "support_hours": "平日 10:00〜17:00",
            "legal_name": "株式会社ひなたコーヒー",
            "postal_address": "〒150-0001\n東京都渋谷区神宮前1-2-3",
            "complaints_contact": "hello@hinata-coffee.example",
            "legal_url": "https://hinata-coffee.example/legal",
            "color": "#7a4a21",
            "line_url": "https://line.me/R/ti/p/@hinata",
        },
        "こもれびマグ",
    )
    set_up(
        stage,
        MAPLE,
        {
            "sender_name": "Maple Goods",
            "reply_to": "hello@maple-goods.example",
            "support_email": "hello@maple-goods.example",
            "legal_name": "Maple Goods LLC",
            "postal_address": "12 Maple Street\nBrooklyn, NY 11201",
            "complaints_contact": "hello@maple-goods.example",
            "color": "#9a3b26",
        },
        "Balsam Candle",
    )


def journeys_are_switched_on(stage: Stage) -> None:
    """One click switches the recommended journeys on, in both shops"""
    for shop in (HINATA, MAPLE):
        page = stage.page(f"{shop} merchant")
        frame = stage.okaeri(page, shop, "/journeys")
        frame.get_by_test_id("recommended").click()
        expect(frame.locator("[data-testid=journey][data-on=yes]")).to_have_count(5)
        stage.done(page, f"06-journeys-{shop}")


def the_block_is_placed(stage: Stage) -> None:
    """The thank-you block is placed in the checkout editor, and Okaeri's home knows it"""
    for shop, words in ((HINATA, "配置済み"), (MAPLE, "Placed")):
        page = stage.page(f"{shop} merchant")
        page.goto(stage.admin(shop, "/settings/checkout/editor?page=thank-you&context=apps"))
        page.get_by_test_id("block-place").click()
        expect(page.get_by_test_id("block-slot")).to_have_attribute("data-placed", "yes")
        frame = stage.okaeri(page, shop)
        expect(frame.locator("[data-badge]")).to_have_text(words)
        stage.done(page, f"07-home-{shop}")


def a_test_mail_arrives(stage: Stage) -> None:
    """A test mail reaches the merchant's own address"""
    page = stage.page(f"{HINATA} merchant")
    frame = stage.okaeri(page, HINATA, "/messages/preview/next-steps/ja")
    form = frame.get_by_test_id("test-form")
    form.locator("[name=address]").fill("owner@hinata-coffee.example")
    form.locator("button").click()
    mail = stage.mail("owner@hinata-coffee.example", "ひなたコーヒー")
    assert "ひなたコーヒー" in mail["from"], mail["from"]
    stage.done(page, "08-preview")


STEPS = [
    the_sandbox_shows_two_shops,
    the_merchant_installs,
    the_second_merchant_installs,
    nonsense_comes_back_with_its_errors,
    the_merchant_says_who_writes,
    journeys_are_switched_on,
    the_block_is_placed,
    a_test_mail_arrives,
]
