"""Orders that take their time: paid at a convenience store, split in two, and asked after."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.story.people import (
    HINATA,
    Shopper,
    buy,
    fill_in,
    link_in,
    open_order,
    pay,
    ship,
    take_to_checkout,
)
from tests.story.stage import Stage

MICHIKO = Shopper(HINATA, "michiko@example.jp", "伊藤", "美智子", marketing=False)
KENTA = Shopper(HINATA, "kenta@example.jp", "小林", "健太", marketing=False)


def a_convenience_store_is_paid_later(stage: Stage) -> None:
    """Michiko pays at a convenience store: nothing is promised before the money is there"""
    page, name = buy(stage, MICHIKO, "yoiyami-dark", "konbini")
    expect(page.get_by_test_id("payment-pending")).to_be_visible()
    stage.done(page, "80-konbini-thank-you")
    mail = stage.mail(MICHIKO.email, "ご注文")
    page = stage.page(MICHIKO.email, phone=True)
    page.goto(link_in(mail["html"], "/t/"))
    expect(page.get_by_test_id("tracking-state")).to_contain_text("ご入金をお待ち")
    stage.picture(page, "81-konbini-tracking")
    stage.forward("1d")
    assert len(stage.mails(MICHIKO.email)) == 1, stage.subjects(MICHIKO.email)
    merchant = stage.page(f"{HINATA} merchant")
    open_order(stage, merchant, HINATA, name)
    merchant.get_by_test_id("mark-paid").click()
    expect(merchant.get_by_test_id("mark-paid")).to_have_count(0)
    stage.done(merchant)
    stage.forward("1h")
    page.reload()
    expect(page.get_by_test_id("tracking-state")).to_contain_text("発送の準備")
    stage.done(page)


def two_parcels_come_one_late(stage: Stage) -> None:
    """Kenta's two things come in two parcels, one of them late; his page tells them apart"""
    page = take_to_checkout(stage, KENTA, "hinata-blend")
    page.goto(stage.store(HINATA, "/products/komorebi-mug"))
    page.get_by_test_id("add-to-cart").click()
    page.get_by_test_id("checkout").click()
    fill_in(page, KENTA)
    name = stage.notes["split order"] = pay(page)
    stage.done(page)
    mail = stage.mail(KENTA.email, "ご注文")
    ship_first_line_only(stage, name)
    ship(stage, HINATA, name, "delayed")
    stage.forward("2d")
    page = stage.page(KENTA.email, phone=True)
    page.goto(link_in(mail["html"], "/t/"))
    expect(page.locator("[data-testid=parcel][data-state=delivered]")).to_have_count(1)
    expect(page.locator("[data-testid=parcel][data-state=exception]")).to_have_count(1)
    stage.picture(page, "82-two-parcels")
    assert [s for s in stage.subjects(KENTA.email) if "遅延" in s], stage.subjects(KENTA.email)
    stage.forward("4d")
    page.reload()
    expect(page.locator("[data-testid=parcel][data-state=delivered]")).to_have_count(2)
    stage.done(page, "83-both-there")


def ship_first_line_only(stage: Stage, name: str) -> None:
    """A parcel with the first product and nothing of the second."""
    page = stage.page(f"{HINATA} merchant")
    open_order(stage, page, HINATA, name)
    page.locator("[data-testid=fulfill-form] input.quantity").nth(1).fill("0")
    page.get_by_test_id("fulfill-submit").click()
    expect(page.get_by_test_id("parcel")).to_have_count(1)
    stage.done(page)


def look_up(page: Page, order: str, contact: str) -> None:
    """Ask for an order with what one knows of it."""
    page.locator("[name=order]").fill(order)
    page.locator("[name=contact]").fill(contact)
    page.locator("[data-testid=lookup] button").click()


def an_order_is_found_by_whoever_knows_it(stage: Stage) -> None:
    """Kenta finds his order by number and address, without any link"""
    page = stage.page("kenta elsewhere", phone=True)
    page.goto(f"{stage.app}/track/{HINATA}")
    look_up(page, stage.notes["split order"], KENTA.email)
    expect(page.get_by_test_id("parcel")).to_have_count(2)
    stage.done(page, "84-found")


def guesses_find_nothing(stage: Stage) -> None:
    """Who guesses gets one same answer, whether the order exists or not, and then has to wait"""
    page = stage.page("stranger", phone=True)
    page.goto(f"{stage.app}/track/{HINATA}")
    answers = set()
    for order in (stage.notes["split order"], "#99999"):
        look_up(page, order, "100-0001")
        answers.add(page.get_by_test_id("lookup-missed").inner_text())
    assert len(answers) == 1, answers
    for number in range(12):
        look_up(page, stage.notes["split order"], f"100-{number:04d}")
    expect(page.get_by_test_id("lookup-wait")).to_be_visible()
    # Once locked, the right answer is none either.
    look_up(page, stage.notes["split order"], KENTA.email)
    expect(page.get_by_test_id("lookup-wait")).to_be_visible()
    stage.done(page, "85-guesses")


STEPS = [
    a_convenience_store_is_paid_later,
    two_parcels_come_one_late,
    an_order_is_found_by_whoever_knows_it,
    guesses_find_nothing,
]
