"""The merchant leaves and comes back; a shop that stays away is forgotten."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.story.chapters.installing import install
from tests.story.people import HINATA, MAPLE, SARAH, Shopper, buy, link_in, ship
from tests.story.stage import Stage

NAOMI = Shopper(HINATA, "naomi@example.jp", "高橋", "直美", marketing=True)


def uninstall(stage: Stage, shop: str) -> None:
    page = stage.page(f"{shop} merchant")
    page.goto(stage.admin(shop, "/apps"))
    page.get_by_test_id("app-uninstall").click()
    page.get_by_test_id("uninstall-confirm").click()
    expect(page.get_by_test_id("app-install")).to_be_visible()
    stage.done(page)


def uninstalling_stops_everything(stage: Stage) -> None:
    """Uninstalling stops every message at once, those already planned too"""
    page, name = buy(stage, NAOMI, "yoiyami-dark")
    stage.done(page)
    stage.mail(NAOMI.email, "ご注文ありがとうございます")
    uninstall(stage, HINATA)
    ship(stage, HINATA, name)
    stage.forward("1d")
    assert len(stage.mails(NAOMI.email)) == 1, stage.subjects(NAOMI.email)


def installing_again_works(stage: Stage) -> None:
    """Installing again works, and the settings are still there"""
    install(stage, HINATA, "ja-JP", "ひなたコーヒー", "60-home-again")
    page = stage.page(f"{HINATA} merchant")
    frame = stage.okaeri(page, HINATA, "/settings")
    expect(frame.locator("[name=legal_name]")).to_have_value("株式会社ひなたコーヒー")
    stage.done(page)


def a_shop_that_stays_away_is_forgotten(stage: Stage) -> None:
    """Two days after leaving, the other shop's data is erased; its links say nothing"""
    mail = stage.mail(SARAH.email, "Thank you for your order")
    link = link_in(mail["html"], "/t/")
    uninstall(stage, MAPLE)
    stage.forward("3d")
    page = stage.page("stranger", phone=True, language="en-US")
    answer = page.goto(link)
    assert answer is not None
    assert answer.status in {403, 404, 410}
    stage.done(page, "61-forgotten")


STEPS = [
    uninstalling_stops_everything,
    installing_again_works,
    a_shop_that_stays_away_is_forgotten,
]
