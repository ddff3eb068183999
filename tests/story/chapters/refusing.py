"""What is forged, foreign, odd or cancelled gets a calm answer."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from playwright.sync_api import expect

from tests.story.people import HANAKO, HINATA, JIRO, MAPLE, Shopper, buy, open_order, timeline
from tests.story.stage import Stage

KEIKO = Shopper(HINATA, "keiko@example.jp", "鈴木", "恵子", marketing=True)


def forged_webhooks_are_refused(stage: Stage) -> None:
    """A forged webhook gets 401"""
    body = json.dumps({"id": 1}).encode()
    headers = {
        "Content-Type": "application/json",
        "X-Shopify-Topic": "orders/create",
        "X-Shopify-Shop-Domain": f"{HINATA}.myshopify.com",
        "X-Shopify-Hmac-Sha256": "bm90IGEgc2lnbmF0dXJl",
        "X-Shopify-Webhook-Id": "forged",
    }
    try:
        urlopen(Request(f"{stage.app}/hooks/shopify", body, headers), timeout=10)
    except HTTPError as error:
        assert error.code == 401  # noqa: PT017
    else:
        raise AssertionError("a forged webhook was accepted")


def forged_links_get_one_plain_page(stage: Stage) -> None:
    """A forged link and a link of another purpose get one plain page, without a hint"""
    page = stage.page("stranger", phone=True)
    texts = set()
    token = stage.notes["track"].rsplit("/t/", 1)[1]
    for path in (f"/t/{token[:-3]}xyz", "/t/nonsense", f"/r/{token}", f"/reviews/{token}"):
        answer = page.goto(stage.app + path)
        assert answer is not None
        assert answer.status == 403, path
        texts.add(page.locator("main").inner_text())
    assert len(texts) == 1, texts
    stage.done(page, "50-forged-link")


def shops_do_not_see_each_other(stage: Stage) -> None:
    """The second shop sees nothing of the first, not even by number"""
    page = stage.page(f"{MAPLE} merchant")
    frame = stage.okaeri(page, MAPLE, "/orders")
    expect(frame.get_by_test_id("order")).to_have_count(1)
    page.goto(stage.admin(MAPLE, "/apps/okaeri/orders/1"))
    said = page.frame_locator("[data-testid=app-frame]").locator("main")
    expect(said).to_be_visible()
    assert HANAKO.last_name not in said.inner_text()
    stage.done(page, "51-other-shop")


def an_unsubscribe_counts_at_once(stage: Stage) -> None:
    """Looking at the unsubscribe page changes nothing; its button does, at once"""
    page = stage.page(HANAKO.email, phone=True)
    page.goto(stage.notes["unsubscribe"])
    merchant = stage.page(f"{HINATA} merchant")
    merchant.goto(stage.admin(HINATA, "/customers"))
    row = merchant.get_by_test_id("customer-row").filter(has_text=HANAKO.email)
    before = row.get_by_test_id("customer-marketing").inner_text()
    page.locator("main form button").first.click()
    page.wait_for_load_state()
    stage.done(page, "52-unsubscribed")
    for _ in range(60):
        merchant.reload()
        if row.get_by_test_id("customer-marketing").inner_text() != before:
            break
        merchant.wait_for_timeout(500)
    assert row.get_by_test_id("customer-marketing").inner_text() != before
    stage.done(merchant)


def the_proof_can_be_taken_away(stage: Stage) -> None:
    """The merchant opens the customer and saves what they said, with its evidence, as a file"""
    page = stage.page(f"{HINATA} merchant")
    frame = stage.okaeri(page, HINATA, "/customers")
    known = frame.locator("a[href^='/app/customers/']").filter(has_text=HANAKO.last_name)
    known.first.click()
    link = frame.get_by_test_id("ledger").locator("a[download]")
    with page.expect_download() as saving:
        link.click()
    told = Path(saving.value.path()).read_text("utf-8-sig")
    assert saving.value.suggested_filename.endswith(".csv")
    assert "marketing" in told, told
    stage.done(page)


def a_cancelled_order_stops_what_was_coming(stage: Stage) -> None:
    """A cancelled order stops what was coming, and its timeline says so"""
    page, name = buy(stage, KEIKO, "yoiyami-dark")
    stage.done(page)
    stage.mail(KEIKO.email, "ご注文ありがとうございます")
    merchant = stage.page(f"{HINATA} merchant")
    open_order(stage, merchant, HINATA, name)
    merchant.locator("details:has([data-testid=cancel-submit]) > summary").click()
    merchant.get_by_test_id("cancel-submit").click()
    expect(merchant.get_by_test_id("order-cancelled")).to_be_visible()
    stage.forward("3d")
    assert len(stage.mails(KEIKO.email)) == 1, stage.subjects(KEIKO.email)
    assert "キャンセル" in timeline(stage, merchant, HINATA, name)
    stage.done(merchant, "53-cancelled")


def odd_orders_behave(stage: Stage) -> None:
    """A digital order gets its guide at once; a sale at the till is no journey, and says so"""
    page, name = buy(stage, JIRO, "recipe-book")
    stage.done(page, "54-thank-you-digital")
    stage.mail(JIRO.email, "使い方")
    merchant = stage.page(f"{HINATA} merchant")
    merchant.goto(stage.admin(HINATA, "/orders"))
    merchant.locator("details:has([data-testid=pos-submit]) > summary").click()
    merchant.get_by_test_id("pos-submit").click()
    merchant.goto(stage.admin(HINATA, "/orders"))
    till = merchant.get_by_test_id("order-row").first.get_by_role("link").first.inner_text()
    stage.forward("1h")
    said = timeline(stage, merchant, HINATA, till)
    assert "店頭" in said or "POS" in said, said
    stage.done(merchant, "55-pos")
    assert name != till


STEPS = [
    forged_webhooks_are_refused,
    forged_links_get_one_plain_page,
    shops_do_not_see_each_other,
    an_unsubscribe_counts_at_once,
    the_proof_can_be_taken_away,
    a_cancelled_order_stops_what_was_coming,
    odd_orders_behave,
]
