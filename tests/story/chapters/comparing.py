"""The merchant compares the page with nothing at all: buyers are drawn, and each is counted."""

from __future__ import annotations

from collections import Counter

from playwright.sync_api import expect

from tests.story.chapters.buying import block
from tests.story.people import MAPLE, Shopper, buy
from tests.story.stage import Stage

#: Half of the buyers see the page, half the least: with so many, neither stays empty by chance.
MOST_BUYERS = 12


def the_merchant_starts_an_experiment(stage: Stage) -> None:
    """The merchant writes an experiment, reads how many people it takes, and starts it"""
    page = stage.page(f"{MAPLE} merchant", language="en-US")
    frame = stage.okaeri(page, MAPLE, "/experiments/new")
    frame.locator("[name=name]").fill("The page or nothing")
    frame.locator("[name=a_share]").fill("50")
    frame.get_by_test_id("save").click()
    expect(frame.get_by_test_id("arm")).to_have_count(2)
    stage.picture(page, "95-experiment-draft")
    frame.get_by_test_id("start").click()
    expect(frame.get_by_test_id("stop")).to_be_visible()
    stage.notes["experiment"] = frame.locator("body").evaluate("() => location.pathname")
    stage.done(page)


def sees_the_offer(stage: Stage, number: int) -> bool:
    """Somebody buys; whether their page offers anything once it knows them."""
    who = Shopper(MAPLE, f"buyer{number}@example.com", "Miller", "Kim", False, "en-US")
    page, _name = buy(stage, who, "daily-protein")
    expect(block(page).locator("s-link[href*='/t/']")).to_have_count(1, timeout=30_000)
    offered = block(page).locator("s-button[href*='/o/']").count() == 1
    stage.done(page, f"96-thank-you-{'version' if offered else 'comparison'}")
    return offered


def buyers_are_drawn(stage: Stage) -> None:
    """Buyers fall into the version and the comparison group, and see its page"""
    seen: Counter[bool] = Counter()
    while len(seen) < 2 and seen.total() < MOST_BUYERS:
        seen[sees_the_offer(stage, seen.total())] += 1
    assert len(seen) == 2, seen
    stage.notes["drawn"] = seen


def the_figures_count_them(stage: Stage) -> None:
    """The experiment's page counts each of them where they fell, and shows no result too early"""
    page = stage.page(f"{MAPLE} merchant", language="en-US")
    path = str(stage.notes["experiment"]).removeprefix("/app")
    drawn = stage.notes["drawn"]
    frame = stage.okaeri(page, MAPLE, path)
    version, comparison = frame.get_by_test_id("arm").all()
    expect(version).to_contain_text(f"{drawn[True]} / ")
    expect(comparison).to_contain_text(f"{drawn[False]} / ")
    expect(frame.get_by_test_id("result")).to_contain_text("Not yet.")
    expect(frame.get_by_test_id("outcome")).to_have_count(0)
    stage.picture(page, "97-experiment")
    frame.get_by_test_id("stop").click()
    expect(frame.get_by_test_id("stop")).to_have_count(0)
    stage.done(page)


STEPS = [the_merchant_starts_an_experiment, buyers_are_drawn, the_figures_count_them]
