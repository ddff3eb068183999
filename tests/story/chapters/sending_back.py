"""Sarah's protein goes back: what sells waits, and nobody asks her for more afterwards."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.processes import wait
from tests.story.people import MAPLE, SARAH, link_in, open_order, timeline
from tests.story.stage import Stage


def sees(stage: Stage, said: str, picture: str) -> None:
    """What the merchant reads on the order's timeline, as soon as Shopify has told Okaeri."""
    page = stage.page(f"{MAPLE} merchant", language="en-US")
    name = stage.notes[f"{SARAH.email} order"]
    wait(lambda: said in timeline(stage, page, MAPLE, name) or None, f"{said!r} on the timeline")
    stage.done(page, picture)


def sarah_sees(stage: Stage, status: str, said: str, picture: str) -> None:
    """What Sarah reads on the order's page."""
    page = stage.page(SARAH.email, phone=True)
    page.goto(link_in(stage.mail(SARAH.email, "Thank you for your order")["html"], "/t/"))
    shown = page.get_by_test_id("return")
    expect(shown).to_have_attribute("data-status", status)
    expect(shown).to_contain_text(said)
    stage.done(page, picture)


def a_return_is_opened(stage: Stage) -> None:
    """The merchant opens a return in Shopify: Okaeri's timeline knows, and so does her page"""
    page = stage.page(f"{MAPLE} merchant", language="en-US")
    open_order(stage, page, MAPLE, stage.notes[f"{SARAH.email} order"])
    page.locator("details:has([data-testid=return-submit]) > summary").click()
    page.get_by_test_id("return-submit").click()
    expect(page.get_by_test_id("return")).to_have_count(1)
    stage.done(page)
    sees(stage, "A return was agreed", "36-timeline-return")
    sarah_sees(stage, "open", "Your return has been approved", "37-tracking-return")


def what_sells_waits(stage: Stage) -> None:
    """Her page in Okaeri says that what sells waits until the return is settled"""
    page = stage.page(f"{MAPLE} merchant", language="en-US")
    said = timeline(stage, page, MAPLE, stage.notes[f"{SARAH.email} order"])
    assert "What sells waits until it is settled." in said, said
    stage.done(page)


def the_return_is_settled(stage: Stage) -> None:
    """The parcel is back and the return is closed: the journeys of what went back have ended"""
    page = stage.page(f"{MAPLE} merchant", language="en-US")
    open_order(stage, page, MAPLE, stage.notes[f"{SARAH.email} order"])
    page.get_by_test_id("return-close").click()
    expect(page.get_by_test_id("return-reopen")).to_be_visible()
    stage.done(page)
    sees(stage, "The return was settled", "38-timeline-returned")
    sarah_sees(stage, "closed", "Your return is complete", "39-tracking-returned")
    stage.notes["Sarah after her return"] = stage.subjects(SARAH.email)


STEPS = [a_return_is_opened, what_sells_waits, the_return_is_settled]
