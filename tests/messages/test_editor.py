"""The merchant writes a message anew: through the editor's door, and once in a real browser."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page, Route, expect, sync_playwright
from sqlalchemy import delete, select
from werkzeug.serving import make_server

from app.channels.memory import MemoryChannel
from app.messages import jobs
from app.messages.model import Message, MessageText
from app.messages.texts import shipped, store
from app.messages.texts.blocks import Button, Content, Coupon, Text
from app.messages.texts.store import Place
from app.shops import service as shops
from tests import make, sign
from tests.messages.conftest import Bought

URL = "/app/messages/edit/next-steps/ja"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), "chromium")


def form(content: Content, **more: str) -> dict[str, object]:
    """What a browser sends of an editor that shows this text."""
    sent: dict[str, object] = {"subject": content.subject, "preheader": content.preheader, **more}
    sent["block"] = [str(number) for number in range(len(content.blocks))]
    for number, block in enumerate(content.blocks):
        sent[f"b{number}.type"] = block.type
        for name in block.__struct_fields__:
            sent[f"b{number}.{name}"] = getattr(block, name)
    return sent


def ours() -> Content:
    return shipped.content("next-steps", "ja")


def with_block(*blocks: object) -> Content:
    """Okaeri's text with blocks of one's own above the footer."""
    content = ours()
    return Content(
        subject=content.subject,
        preheader=content.preheader,
        blocks=(*content.blocks[:-1], *blocks, content.blocks[-1]),  # type: ignore[arg-type]
    )


def texts(shop: make.MadeShop) -> list[tuple[int, str]]:
    with shop.work() as session:
        rows = session.scalars(select(MessageText).order_by(MessageText.version))
        return [(row.version, row.state) for row in rows]


def test_the_editor_begins_with_our_text_and_changes_nothing_by_being_looked_at(
    client: FlaskClient, bought: Bought
) -> None:
    page = client.get(URL, headers=sign.admin(bought.shop.domain)).text
    assert "ご注文ありがとうございます" in page
    assert 'data-block="timeline"' in page
    assert page.rindex('data-block="footer"') > page.rindex('data-block="order"')
    assert "shop.name" in page
    assert 'data-state="fine"' in page
    assert texts(bought.shop) == []


def test_a_survey_is_offered_where_there_is_one_and_not_chosen_away(
    app: Flask, client: FlaskClient, bought: Bought
) -> None:
    def choices(target: str) -> list[str]:
        block = Button(label="Say", target=target)  # type: ignore[arg-type]
        headers = sign.admin(bought.shop.domain)
        sent = form(with_block(block), do="save")
        page = client.post(URL, data=sent, headers=headers, follow_redirects=True).text
        select = page[page.rindex(".target") :]
        found = re.findall(
            r'<option value="(\w+)"( selected)?', select[: select.index("</select>")]
        )
        assert [key for key, chosen in found if chosen] == [target]
        return [key for key, _chosen in found]

    assert "feedback" not in choices("track")
    assert choices("feedback").count("feedback") == 1
    app.extensions["okaeri"].table("MAIL_PARTS")["feedback"] = lambda _session, _reader: ""
    try:
        assert choices("track").count("feedback") == 1
    finally:
        del app.extensions["okaeri"].table("MAIL_PARTS")["feedback"]


def test_the_preview_is_a_real_orders_and_acts_for_nobody(
    client: FlaskClient, bought: Bought
) -> None:
    headers = sign.admin(bought.shop.domain)
    url = f"/app/messages/edit/review/ja?order={bought.order_id}&view=600"
    page = client.get(url, headers=headers).text
    found = re.search(r'<iframe[^>]* src="([^"]+)"[^>]* width="600"[^>]* sandbox', page)
    assert found
    mail = client.get(found[1])
    assert "山田 太郎 様" in mail.text
    assert "/reviews/" not in mail.text
    assert "/u/" not in mail.text
    policy = mail.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox;" in policy
    plain = client.get(f"{URL}?view=plain", headers=headers).text
    assert "山田 太郎 様" in plain
    assert "<iframe" not in plain
    night = client.get(f"{URL}?dark=on", headers=headers).text
    frame = re.search(r'<iframe[^>]* src="([^"]+)"', night)
    assert frame
    assert "@media (prefers-color-scheme: dark)" not in client.get(frame[1]).text


def test_every_button_keeps_what_was_typed(client: FlaskClient, bought: Bought) -> None:
    headers = sign.admin(bought.shop.domain)
    typed = with_block(Text(text="書きかけ {{ oops"))
    number = len(typed.blocks) - 2
    for do in ("save", "publish", "test", "add", f"up:{number}", f"remove:{number + 1}"):
        data = form(typed, do=do, new="divider", address="nobody")
        answer = client.post(URL, data=data, headers=headers, follow_redirects=True)
        assert answer.status_code == 200
        assert "書きかけ {{ oops" in answer.text
    answer = client.post(f"{URL}/look", data=form(typed), headers=headers)
    assert 'data-state="refused"' in answer.text
    assert texts(bought.shop) == [(1, "draft")]


def test_blocks_are_added_moved_and_taken_out_but_the_footer_stays(
    client: FlaskClient, bought: Bought
) -> None:
    headers = sign.admin(bought.shop.domain)

    def do(what: str, **more: str) -> list[str]:
        with bought.shop.work() as session:
            now = store.starting(session, Place("next-steps", "ja"))
        client.post(URL, data=form(now, do=what, **more), headers=headers)
        with bought.shop.work() as session:
            after = store.starting(session, Place("next-steps", "ja"))
        return [block.type for block in after.blocks]

    before = do("save")
    assert do("add", new="coupon") == [*before[:-1], "coupon", "footer"]
    assert do(f"up:{len(before) - 1}")[-3] == "coupon"
    assert do(f"down:{len(before) - 2}")[-2] == "coupon"
    assert do(f"down:{len(before) - 1}")[-1] == "footer"
    assert do(f"remove:{len(before)}")[-1] == "footer"
    assert do(f"remove:{len(before) - 1}") == before
    assert do("add", new="footer") == before


def test_what_the_law_forbids_is_refused_and_cannot_be_overridden(
    client: FlaskClient, bought: Bought
) -> None:
    headers = sign.admin(bought.shop.domain)
    typed = with_block(Text(text="レビューで★5をいただいた方に特典を進呈します。"))
    data = form(typed, do="publish", override="RV-3")
    answer = client.post(URL, data=data, headers=headers)
    assert 'data-code="RV-3"' in answer.text
    assert 'value="RV-3"' not in answer.text
    assert texts(bought.shop) == [(1, "draft")]


def test_where_rules_leave_room_somebody_answers_by_name(
    client: FlaskClient, bought: Bought
) -> None:
    headers = sign.admin(bought.shop.domain)
    typed = with_block(Coupon(text="次回に", code="A"), Coupon(text="さらに", code="B"))
    refused = client.post(URL, data=form(typed, do="publish"), headers=headers)
    assert 'value="EM-3"' in refused.text
    client.post(URL, data=form(typed, do="publish", override="EM-3"), headers=headers)
    with bought.shop.work() as session:
        (row,) = session.scalars(select(MessageText))
        assert (row.state, row.published_by) == ("published", sign.STAFF)
        assert [(each["code"], each["by"]) for each in row.overrides] == [("EM-3", sign.STAFF)]


def test_history_is_brought_back_and_our_text_returns(
    client: FlaskClient, bought: Bought, mailbox: MemoryChannel
) -> None:
    headers = sign.admin(bought.shop.domain)
    for words in ("一つ目の言葉", "二つ目の言葉"):
        client.post(URL, data=form(with_block(Text(text=words)), do="publish"), headers=headers)
    with bought.shop.work() as session:
        first = store.history(session, Place("next-steps", "ja"))[-1].id
    page = client.post(
        URL, data=form(ours(), do=f"restore:{first}"), headers=headers, follow_redirects=True
    ).text
    assert "一つ目の言葉" in page
    assert texts(bought.shop) == [(1, "retired"), (2, "published"), (3, "draft")]
    client.post(URL, data=form(ours(), do="shipped"), headers=headers)
    bought.say("next-steps")
    jobs.send_transactional()
    assert "言葉" not in mailbox.sent[0].plain
    assert texts(bought.shop) == [(1, "retired"), (2, "retired")]


def test_a_test_send_says_the_draft(
    client: FlaskClient, bought: Bought, mailbox: MemoryChannel
) -> None:
    typed = with_block(Text(text="まだ下書きです"))
    data = form(typed, do="test", address="owner@hinata.example")
    answer = client.post(URL, data=data, headers=sign.admin(bought.shop.domain))
    assert answer.status_code == 303
    jobs.send_transactional()
    assert "まだ下書きです" in mailbox.sent[0].plain
    with bought.shop.work() as session:
        assert session.scalars(select(Message)).one().message_class == "test"


def test_a_test_of_an_untouched_text_begins_no_draft_and_leaves_once(
    client: FlaskClient, bought: Bought, mailbox: MemoryChannel
) -> None:
    data, token = form(ours(), address="owner@hinata.example"), sign.admin(bought.shop.domain)
    pressed = [client.post(URL, data={**data, "do": "test"}, headers=token) for _ in range(2)]
    assert pressed[0].location == pressed[1].location
    saved = client.post(URL, data={**data, "do": "save"}, headers=token)
    assert saved.location.endswith("done=unchanged")
    jobs.send_transactional()
    assert len(mailbox.sent) == 1
    assert texts(bought.shop) == []


def test_another_shops_texts_do_not_exist(
    client: FlaskClient, bought: Bought, other_shop: make.MadeShop
) -> None:
    with bought.shop.work() as session:
        place = Place("next-steps", "ja")
        row = store.keep(session, place, with_block(Text(text="ひみつ")))
        store.publish(session, row, "7", [])
        number = row.id
    headers = sign.admin(other_shop.domain)
    assert "ひみつ" not in client.get(URL, headers=headers).text
    data = form(ours(), do=f"restore:{number}")
    assert client.post(URL, data=data, headers=headers).status_code == 404
    for url in ("/app/messages/edit/nope/ja", f"{URL}?use=a/b", "/app/messages/edit/review/fr"):
        assert client.get(url, headers=headers).status_code == 404


def test_the_list_says_whose_words_each_message_has(client: FlaskClient, bought: Bought) -> None:
    with bought.shop.work() as session:
        place = Place("next-steps", "ja")
        row = store.keep(session, place, with_block(Text(text="{{ nobody.knows }}")))
        store.publish(session, row, "7", [])
        place = Place("review", "en", "review/first")
        row = store.keep(session, place, shipped.content("review", "en"))
        store.publish(session, row, "7", [])
        store.keep(session, place, Content(subject="", blocks=(Text(text="5 stars!"),)))
    headers = sign.admin(bought.shop.domain)
    page = client.get("/app/messages", headers=headers).text
    rows = dict(re.findall(r'<li data-kind="([^"]+)">(.*?)</ul>', page, re.DOTALL))
    assert "自社の文面" in rows["next-steps"]
    assert "自社の文面" in rows["review"]
    assert "自社の文面" not in rows["check-in"]
    # A kind of one step alone stands there once; words of a step's own stand apart.
    places = {name: row.count("<li data-use") for name, row in rows.items()}
    assert (places["next-steps"], places["review"], places["start-guide"]) == (1, 2, 4)
    # What the check says of the texts comes as soon as the page is there.
    assert 'hx-get="/app/messages/checks" hx-trigger="load"' in page
    wrong = client.get("/app/messages/checks?kind=next-steps", headers=headers).text
    assert "1件" in wrong
    assert "要修正" in wrong
    assert verdicts(wrong) == {"next-steps-ja": "wrong", "next-steps-en": "fine"}
    mixed = client.get("/app/messages/checks?kind=review", headers=headers).text
    assert "下書き（要修正）" in mixed
    assert verdicts(mixed) == dict.fromkeys(
        ("review-ja", "review-en", "review-ja-review_first", "review-en-review_first"), "fine"
    )
    # Nobody waits for the texts that are right as they ship: those are looked at when asked for.
    quick = verdicts(client.get("/app/messages/checks", headers=headers).text)
    assert (quick["next-steps-ja"], quick["review-en"]) == ("wrong", "")
    assert 'hx-get="/app/messages/checks?kind=start-guide&amp;kind=' in page
    # Each verdict has its place on the page.
    assert all(f'id="check-{place}"' in page for place in verdicts(wrong) | verdicts(mixed))
    assert client.get("/app/messages/checks?kind=nope", headers=headers).status_code == 404


def test_what_the_shop_lacks_is_said_once_of_the_shop(client: FlaskClient, bought: Bought) -> None:
    lacks = "ショップのフッターに、次の項目がありません：住所。"
    headers = sign.admin(bought.shop.domain)
    assert lacks not in client.get("/app/messages", headers=headers).text
    with bought.shop.work() as session:
        shop = shops.shop(session)
        shop.settings = {**shop.settings, "postal_address": ""}
    page = client.get("/app/messages", headers=headers).text
    assert page.count(lacks) == 1
    assert "要修正" not in client.get("/app/messages/checks?kind=review", headers=headers).text
    # Where it stops the text, it is what stops it; where it does not, it says that, too.
    for kind, state in (("review", "refused"), ("next-steps", "fine")):
        editor = client.get(f"/app/messages/edit/{kind}/ja", headers=headers).text
        assert f'data-testid="verdict" data-state="{state}"' in editor
        assert 'href="/app/settings#footer"' in editor


def verdicts(page: str) -> dict[str, str]:
    """What the check says by place."""
    return dict(re.findall(r'id="check-([^"]+)" data-state="(\w*)" hx-swap-oob', page))


def serve(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The app at a real address."""
    yield from serve(app)


@pytest.fixture
def page(app: Flask, shop: make.MadeShop, address: str) -> Iterator[Page]:
    """A browser in which the admin's own script stands aside and its token is on every request."""

    def carry(route: Route) -> None:
        if not route.request.url.startswith(address):
            route.fulfill(body="", content_type="text/javascript")
            return
        with app.app_context():
            token = sign.admin(shop.domain)
        route.continue_(headers={**route.request.headers, **token})

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        opened = browser.new_page(viewport={"width": 1280, "height": 1000})
        opened.set_default_timeout(20_000)
        mistakes: list[str] = []
        opened.on("pageerror", lambda error: mistakes.append(str(error)))
        opened.route("**/*", carry)
        yield opened
        browser.close()
    assert mistakes == []


@pytest.mark.browser
def test_a_merchant_writes_looks_corrects_and_publishes(
    page: Page, address: str, bought: Bought, mailbox: MemoryChannel
) -> None:
    page.goto(f"{address}{URL}?locale=ja")
    # A double click is one press, and an untouched text stays Okaeri's.
    page.get_by_test_id("test").dblclick()
    expect(page.locator("#editor")).to_have_count(0)
    with bought.shop.work() as session:
        assert len(session.scalars(select(Message)).all()) == 1
        session.execute(delete(Message))
    assert texts(bought.shop) == []

    page.goto(f"{address}{URL}?locale=ja")
    heading = page.locator('[name="b0.text"]')
    heading.fill("ようこそ、")
    page.get_by_test_id("names").locator("summary").click()
    heading.focus()
    page.locator('[data-insert="{{ customer.name }}"]').click()
    expect(heading).to_have_value("ようこそ、{{ customer.name }}")
    mail = page.frame_locator("[data-testid=mail]")
    expect(mail.get_by_role("heading", level=1)).to_have_text("ようこそ、山田 太郎 様")

    # A block moves by keyboard, and the hand stays on it.
    page.get_by_role("button", name="「見出し」を下へ移動").press("Enter")
    expect(page.locator("#block-1")).to_have_attribute("data-block", "heading")
    expect(page.get_by_role("button", name="「見出し」を上へ移動")).to_be_focused()

    page.locator('[name="b0.text"]').fill("評価が★5の方にレビューの特典があります。")
    verdict = page.get_by_test_id("verdict")
    expect(verdict).to_have_attribute("data-state", "refused")
    page.get_by_test_id("publish").click()
    expect(page.get_by_test_id("editor")).to_have_attribute("data-done", "refused")
    expect(verdict.locator('[data-code="RV-3"]').first).to_be_visible()
    assert texts(bought.shop) == [(1, "draft")]
    # A draft with a mistake is opened at its top; only a form that was sent leads to it.
    expect(page.locator("[aria-invalid=true]").first).to_be_focused()
    page.goto(f"{address}{URL}?locale=ja")
    expect(page.locator("[aria-invalid=true]").first).not_to_be_focused()

    page.locator('[name="b0.text"]').fill("心を込めてお包みしています。")
    expect(verdict).to_have_attribute("data-state", "fine")
    page.get_by_test_id("publish").click()
    expect(page.get_by_test_id("versions")).to_be_visible()
    assert texts(bought.shop) == [(1, "published")]

    bought.say("next-steps")
    jobs.send_transactional()
    assert "心を込めてお包みしています。" in mailbox.sent[0].html
    assert "ようこそ、山田 太郎 様" in mailbox.sent[0].plain
