"""The parcel arrives; guide, check-in, review."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.story.people import HANAKO, HINATA, JIRO, SARAH, link_in, timeline
from tests.story.stage import Stage


def the_parcel_arrives(stage: Stage) -> None:
    """The parcel goes its way: out for delivery, delivered, and the start guide with it"""
    stage.forward("4d")
    for words in ("本日お届け", "お届けが完了", "使い方"):
        stage.mail(HANAKO.email, words)
    page = stage.page(HANAKO.email, phone=True)
    page.goto(stage.notes["track"])
    expect(page.get_by_test_id("tracking-state")).to_contain_text("配達完了")
    stage.done(page, "30-tracking-delivered")


def the_check_in_asks(stage: Stage) -> None:
    """Seventy-two hours later somebody asks, and a person reads the answer"""
    stage.forward("4d")
    mail = stage.mail(HANAKO.email, "商品はいかが")
    assert mail["reply_to"] == "hello@hinata-coffee.example", mail["reply_to"]
    assert stage.mail(SARAH.email, "arrive as it should"), stage.subjects(SARAH.email)


def the_review_is_asked_for(stage: Stage) -> None:
    """The review request comes with five stars, only to those who agreed to such mail"""
    stage.forward("8d")
    mail = stage.mail(HANAKO.email, "ご感想")
    stage.notes["review"] = link_in(mail["html"], "/reviews/", "stars=4")
    assert "List-Unsubscribe-Post" in dict(mail["headers"]), mail["headers"]
    assert not [s for s in stage.subjects(JIRO.email) if "ご感想" in s]
    page = stage.page("reader", phone=True)
    page.goto(f"{stage.sandbox}/inbox/{mail['id']}.html")
    stage.done(page, "31-review-mail")


def four_stars_are_given(stage: Stage) -> None:
    """The fourth star opens a page with four chosen; only the button stores it, once"""
    link = stage.notes["review"]
    page = stage.page(HANAKO.email, phone=True)
    page.goto(link)
    expect(page.locator("input[name=stars][value='4']")).to_be_checked()
    expect(page.get_by_test_id("review-product")).to_contain_text("ひなたブレンド")
    merchant = stage.page(f"{HINATA} merchant")
    expect(stage.okaeri(merchant, HINATA, "/reviews").get_by_test_id("review")).to_have_count(0)
    stage.picture(page, "32-review-page")
    page.locator("[name=body]").fill("香りが豊かで、毎朝の楽しみになりました。")
    page.locator("form button").click()
    expect(page.get_by_test_id("review-done")).to_be_visible()
    page.goto(link)
    expect(page.get_by_test_id("review-done")).to_be_visible()
    stage.done(page, "33-review-done")
    reviews = stage.okaeri(merchant, HINATA, "/reviews")
    expect(reviews.get_by_test_id("review")).to_have_count(1)
    expect(reviews.get_by_test_id("review")).to_contain_text("毎朝の楽しみ")
    stage.done(merchant, "34-reviews")


def jiros_timeline_says_why(stage: Stage) -> None:
    """Jiro got the service mails; his timeline says why he got nothing else"""
    page = stage.page(f"{HINATA} merchant")
    said = timeline(stage, page, HINATA, stage.notes[f"{JIRO.email} order"])
    assert "同意" in said, said
    subjects = stage.subjects(JIRO.email)
    assert any("お届けが完了" in subject for subject in subjects), subjects
    stage.done(page, "35-timeline-no-consent")


STEPS = [
    the_parcel_arrives,
    the_check_in_asks,
    the_review_is_asked_for,
    four_stars_are_given,
    jiros_timeline_says_why,
]
