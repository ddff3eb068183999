"""Three people buy; the thank-you page says what happens next and offers one thing, truthfully."""

from __future__ import annotations

import re

from playwright.sync_api import FrameLocator, Page, expect

from tests.story.people import HANAKO, JIRO, SARAH, Shopper, buy, fill_in, pay
from tests.story.stage import Stage

DEADLINE = {"ja": r"\d{1,2}:\d{2}まで", "en": r"\d{1,2}:\d{2} [AP]M"}


def block(page: Page) -> FrameLocator:
    """The thank-you block inside the page."""
    return page.frame_locator("[data-testid=extension-frame]")


def deadline(page: Page, language: str) -> str:
    """The clock time the offer names."""
    shown = block(page).locator("body")
    expect(shown).to_contain_text(re.compile(DEADLINE[language]), timeout=30_000)
    found = re.search(DEADLINE[language], shown.inner_text())
    assert found
    return found[0]


def first_purchase(stage: Stage, who: Shopper, product: str, words: list[str]) -> None:
    page, name = buy(stage, who, product)
    language = who.language[:2]
    stage.notes[f"{who.email} order"] = name
    stage.notes[f"{who.email} deadline"] = deadline(page, language)
    for said in words:
        expect(block(page).locator("body")).to_contain_text(said)
    stage.notes[f"{who.email} thank-you"] = page.url
    accept = block(page).locator("s-button[href*='/o/']")
    stage.notes[f"{who.email} offer"] = accept.get_attribute("href")
    stage.done(page, f"10-thank-you-{language}-{who.first_name}")


def hanako_buys_coffee(stage: Stage) -> None:
    """Hanako buys coffee on her phone and ticks the marketing box; the page shows three things"""
    first_purchase(stage, HANAKO, "hinata-blend", ["お届け", "こもれびマグ", "LINE"])


def the_deadline_stays(stage: Stage) -> None:
    """A reload and another device show the same deadline"""
    known = stage.notes[f"{HANAKO.email} deadline"]
    for person in (HANAKO.email, "another device"):
        page = stage.page(person, phone=person == HANAKO.email)
        page.goto(stage.notes[f"{HANAKO.email} thank-you"])
        assert deadline(page, "ja") == known
        stage.done(page, "11-thank-you-desktop" if person != HANAKO.email else None)


def the_offer_is_accepted(stage: Stage) -> None:
    """One tap accepts the offer: a checkout with the discount applied, and a second order"""
    page = stage.page(HANAKO.email, phone=True)
    page.goto(stage.notes[f"{HANAKO.email} offer"])
    expect(page.get_by_test_id("checkout-form")).to_be_visible()
    expect(page.get_by_test_id("summary").first).to_contain_text("こもれびマグ")
    expect(page.get_by_test_id("summary").first).to_contain_text("OKAERI-")
    stage.picture(page, "12-offer-checkout")
    fill_in(page, HANAKO)
    stage.notes["offer order"] = pay(page)
    stage.done(page)


def jiro_buys_without_consent(stage: Stage) -> None:
    """Jiro buys too and leaves the box unticked"""
    first_purchase(stage, JIRO, "hinata-blend", ["お届け", "こもれびマグ"])


def sarah_buys_in_english(stage: Stage) -> None:
    """Sarah buys in the English shop; everything is in English"""
    first_purchase(stage, SARAH, "daily-protein", ["Balsam Candle"])


def the_offer_is_over_after_its_deadline(stage: Stage) -> None:
    """Six minutes later the offer is over: link, reload, another device and the code itself"""
    link = stage.notes[f"{JIRO.email} offer"]
    early = stage.page("early", phone=True)
    early.goto(link)
    code = re.search(r"OKAERI-\w+", early.get_by_test_id("summary").first.inner_text())
    assert code
    stage.done(early)
    stage.forward("6m")
    for person in (JIRO.email, "another device"):
        page = stage.page(person, phone=True)
        answer = page.goto(link)
        assert answer is not None
        assert answer.status == 410
        stage.done(page, "13-offer-over" if person == JIRO.email else None)
    page = stage.page(JIRO.email, phone=True)
    page.goto(stage.notes[f"{JIRO.email} thank-you"])
    expect(block(page).locator("body")).to_contain_text("お届け")
    expect(block(page).locator("body")).not_to_contain_text("OKAERI-")
    stage.done(page, "14-thank-you-over")
    stage.forward("10m")
    page = stage.page("latecomer", phone=True)
    page.goto(stage.store("hinata-coffee"))
    page.get_by_test_id("product-card").nth(4).click()
    page.get_by_test_id("add-to-cart").click()
    page.get_by_test_id("checkout").click()
    page.locator("details:has([data-testid=discount-code]) > summary").click()
    page.get_by_test_id("discount-code").fill(code[0])
    page.get_by_test_id("discount-apply").click()
    expect(page.get_by_test_id("discount-refused")).to_be_visible()
    stage.done(page)


STEPS = [
    hanako_buys_coffee,
    the_deadline_stays,
    the_offer_is_accepted,
    jiro_buys_without_consent,
    sarah_buys_in_english,
    the_offer_is_over_after_its_deadline,
]
