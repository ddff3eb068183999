"""The coffee runs out; one tap orders it again, and the merchant sees what brought it."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.story.people import HANAKO, HINATA, JIRO, SARAH, fill_in, link_in, pay, timeline
from tests.story.stage import Stage


def the_reminder_comes_in_time(stage: Stage) -> None:
    """Before the coffee runs out a reminder comes, with a reorder link"""
    stage.forward("21d")
    mail = stage.mail(HANAKO.email, "残りはいかがですか")
    stage.notes["reorder"] = link_in(mail["html"], "/r/")
    stage.notes["unsubscribe"] = link_in(mail["html"], "/u/")
    assert not [s for s in stage.subjects(JIRO.email) if "残りはいかがですか" in s]
    # What Sarah sent back is neither used up nor missed.
    assert stage.subjects(SARAH.email) == stage.notes["Sarah after her return"]
    page = stage.page("reader", phone=True)
    page.goto(f"{stage.sandbox}/inbox/{mail['id']}.html")
    stage.done(page, "40-replenish-mail")


def the_link_orders_nothing_by_itself(stage: Stage) -> None:
    """The reorder link opens one screen with the terms; opening it orders nothing"""
    page = stage.page(HANAKO.email, phone=True)
    for _ in range(3):
        page.goto(stage.notes["reorder"])
    expect(page.get_by_test_id("reorder-line")).to_have_count(1)
    expect(page.get_by_test_id("reorder-total")).to_contain_text("¥")
    stage.done(page, "41-reorder")


def the_second_order_arrives(stage: Stage) -> None:
    """One tap leads to a prefilled checkout; the second order arrives"""
    page = stage.page(HANAKO.email, phone=True)
    page.goto(stage.notes["reorder"])
    page.get_by_test_id("reorder-confirm").click()
    expect(page.get_by_test_id("email")).to_have_value(HANAKO.email)
    expect(page.get_by_test_id("zip")).to_have_value("150-0001")
    stage.picture(page, "42-reorder-checkout")
    fill_in(page, HANAKO)
    stage.notes["second order"] = pay(page)
    stage.done(page)


def the_home_shows_the_result(stage: Stage) -> None:
    """The merchant's home shows the order as the reminder's result"""
    page = stage.page(f"{HINATA} merchant")
    name = stage.notes["second order"]
    frame = stage.okaeri(page, HINATA)
    for _ in range(20):
        if name in frame.get_by_test_id("results").inner_text():
            break
        page.wait_for_timeout(500)
        frame = stage.okaeri(page, HINATA)
    expect(frame.get_by_test_id("results")).to_contain_text(name)
    stage.done(page, "43-home-results")


def the_timeline_tells_everything(stage: Stage) -> None:
    """The first order's timeline tells everything, and that the reminder has done its work"""
    page = stage.page(f"{HINATA} merchant")
    said = timeline(stage, page, HINATA, stage.notes[f"{HANAKO.email} order"])
    for words in ("レビュー", stage.notes["second order"]):
        assert words in said, said
    stage.done(page, "44-timeline")


STEPS = [
    the_reminder_comes_in_time,
    the_link_orders_nothing_by_itself,
    the_second_order_arrives,
    the_home_shows_the_result,
    the_timeline_tells_everything,
]
