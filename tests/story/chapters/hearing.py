"""Mails arrive, the parcel leaves, the tracking page calms."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.story.people import HANAKO, HINATA, JIRO, SARAH, link_in, ship
from tests.story.stage import Stage


def next_steps_arrive(stage: Stage) -> None:
    """Everyone gets the next steps at once, in the language of their order"""
    order = stage.notes[f"{HANAKO.email} order"]
    hanako = stage.mail(HANAKO.email, "ご注文ありがとうございます", order)
    assert "山田 花子 様" in hanako["text"], hanako["text"]
    assert "ひなたコーヒー" in hanako["from"]
    assert stage.mail(JIRO.email, "ご注文ありがとうございます")
    sarah = stage.mail(SARAH.email, "Thank you for your order")
    assert "Hi Sarah" in sarah["text"], sarah["text"]
    for number, mail in enumerate((hanako, sarah)):
        for dark in ("", "&dark=1"):
            page = stage.page("reader", phone=True)
            page.goto(f"{stage.sandbox}/inbox/{mail['id']}.html?{dark}")
            stage.done(page, f"20-next-steps-{number}{'-dark' if dark else ''}")
    stage.notes["track"] = link_in(hanako["html"], "/t/")


def the_tracking_page_opens(stage: Stage) -> None:
    """The tracking page opens from the mail, before anything is shipped"""
    page = stage.page(HANAKO.email, phone=True)
    page.goto(stage.notes["track"])
    expect(page.get_by_test_id("tracking-state")).to_contain_text("発送の準備")
    expect(page.get_by_test_id("guide")).to_be_visible()
    # Through the counted link to the page itself: its address is what people keep.
    stage.notes["track"] = page.url.split("?")[0]
    stage.done(page, "21-tracking-preparing")


def preparing_mails_arrive(stage: Stage) -> None:
    """Within a day: how to prepare, to everyone who waits for a parcel"""
    stage.forward("23h")
    for who in (HANAKO, JIRO):
        assert len(stage.mails(who.email)) >= 2, stage.subjects(who.email)


def the_parcel_leaves(stage: Stage) -> None:
    """The shop ships; the mail carries the tracking link"""
    ship(stage, HINATA, stage.notes[f"{HANAKO.email} order"])
    ship(stage, HINATA, stage.notes[f"{JIRO.email} order"])
    ship(stage, "maple-goods", stage.notes[f"{SARAH.email} order"])
    mail = stage.mail(HANAKO.email, "発送", stage.notes[f"{HANAKO.email} order"])
    page = stage.page(HANAKO.email, phone=True)
    page.goto(link_in(mail["html"], "/t/"))
    expect(page.get_by_test_id("tracking-number")).to_have_text(re.compile(r"[\d-]{10,}"))
    stage.done(page, "22-tracking-shipped")


def the_store_shows_it_too(stage: Stage) -> None:
    """The same page stands on the store's own domain, inside its theme"""
    token = stage.notes["track"].rsplit("/t/", 1)[1]
    page = stage.page(HANAKO.email, phone=True)
    answer = page.goto(stage.store(HINATA, f"/apps/okaeri/track/{token}"))
    assert answer is not None
    assert answer.status == 200
    expect(page.get_by_test_id("theme-page")).to_contain_text(stage.notes[f"{HANAKO.email} order"])
    stage.done(page, "23-tracking-theme")


STEPS = [
    next_steps_arrive,
    the_tracking_page_opens,
    preparing_mails_arrive,
    the_parcel_leaves,
    the_store_shows_it_too,
]
