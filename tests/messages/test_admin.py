"""The merchant looks at a message, at a preview, and sends a test."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import Environment, StrictUndefined
from sqlalchemy import select, text
from structlog.testing import capture_logs

from app.channels.base import InDoubt
from app.channels.memory import MemoryChannel
from app.core.errors import TryLater
from app.journal.model import JournalEntry
from app.messages import jobs, layouts, service
from app.messages.model import Message
from tests import make, sign
from tests.markup import parts_within
from tests.messages.conftest import Bought, buy


def frame_of(html: str) -> str:
    found = re.search(r'<iframe[^>]* src="([^"]+)"', html)
    assert found
    return found[1]


def test_a_message_shows_its_words_headers_and_attempts(
    client: FlaskClient, bought: Bought, mailbox: MemoryChannel
) -> None:
    message = bought.say("next-steps")
    jobs.send_transactional()
    answer = client.get(f"/app/messages/{message.id}", headers=sign.admin(bought.shop.domain))
    page = answer.text
    assert answer.status_code == 200
    assert mailbox.sent[0].headers["Message-ID"].strip("<>") in page
    assert "kept as number 1" in page
    # Who waits for it to leave is shown this part anew, and with it what only then is known.
    assert {"mail", "plain", "headers", "attempts"} <= set(parts_within(page, "message"))
    mail = client.get(frame_of(page))
    assert mail.status_code == 200
    assert "山田 太郎 様" in mail.text
    policy = mail.headers["Content-Security-Policy"]
    assert "sandbox;" in policy
    assert "default-src 'none'" in policy
    assert "script-src" not in policy


def test_a_try_in_vain_is_told_in_the_readers_language(
    client: FlaskClient, shop: make.MadeShop, bought: Bought, mailbox: MemoryChannel
) -> None:
    raw = "The mail server cannot be reached: [Errno 111] Connection refused"
    mailbox.troubles = [TryLater(raw)]
    message = bought.say("next-steps")
    jobs.send_transactional()
    page = client.get(f"/app/messages/{message.id}", headers=sign.admin(shop.domain)).text
    assert "メールサーバーに接続できませんでした。" in page
    assert "再送を待っています" in page
    assert page.count("[Errno 111]") == 1


def test_a_mistake_in_our_own_frame_is_told_in_a_sentence_and_kept_for_the_host(
    client: FlaskClient, bought: Bought, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = Environment(undefined=StrictUndefined, autoescape=True).from_string("{{ mail.gone }}")
    monkeypatch.setattr(layouts, "html", lambda *_names: broken)
    headers = sign.admin(bought.shop.domain)
    message = bought.say("next-steps")
    jobs.send_transactional()
    kept = bought.again(message)
    assert (kept.state, kept.reason) == ("failed", "template_error")
    assert "no attribute 'gone'" in (kept.error or "")
    with capture_logs() as logs:
        preview = client.get("/app/messages/preview/next-steps/ja", headers=headers)
    assert preview.status_code == 200
    assert [one["kind"] for one in logs if one["event"] == "frame_broken"] == ["next-steps"]
    page = client.get(f"/app/messages/{message.id}", headers=headers)
    for shown in (preview.text, page.text):
        assert "この文面をただいま表示できません" in shown
        assert "no attribute" not in shown
        assert "<iframe" not in shown


def test_another_shops_message_does_not_exist(
    client: FlaskClient, bought: Bought, other_shop: make.MadeShop
) -> None:
    message = bought.say("next-steps")
    answer = client.get(f"/app/messages/{message.id}", headers=sign.admin(other_shop.domain))
    assert answer.status_code == 404


def test_a_frame_cannot_be_forged(client: FlaskClient, shop: make.MadeShop) -> None:
    assert client.get("/m/nonsense").status_code == 403


def test_a_preview_shows_subject_and_mail(client: FlaskClient, shop: make.MadeShop) -> None:
    buy(shop)
    headers = sign.admin(shop.domain)
    answer = client.get("/app/messages/preview/review/ja?width=320", headers=headers)
    assert answer.status_code == 200
    assert "【ひなたコーヒー】率直なご感想をお聞かせください" in answer.text
    assert 'width="320"' in answer.text
    mail = client.get(frame_of(answer.text))
    assert "?stars=5" in mail.text
    assert "/reviews/" not in mail.text


def test_a_preview_of_nothing_is_not_found(client: FlaskClient, shop: make.MadeShop) -> None:
    headers = sign.admin(shop.domain)
    assert client.get("/app/messages/preview/nope/ja", headers=headers).status_code == 404
    assert client.get("/app/messages/preview/review/fr", headers=headers).status_code == 404


def test_a_test_send_goes_out_for_real_and_touches_no_customer(
    client: FlaskClient, bought: Bought, mailbox: MemoryChannel
) -> None:
    bought.change_customer(first_name="秘密", last_name="佐藤", marketing_state="unsubscribed")
    answer = client.post(
        "/app/messages/test",
        data={
            "kind": "review",
            "locale": "en",
            "address": "ｏｗｎｅｒ＠ｈｉｎａｔａ．ｅｘａｍｐｌｅ",
        },
        headers=sign.admin(bought.shop.domain),
        follow_redirects=True,
    )
    assert answer.status_code == 200
    # The way back leads to the text that was tried.
    assert 'class="page__back" href="/app/messages/edit/review/en"' in answer.text
    jobs.send_transactional()
    (envelope,) = mailbox.sent
    assert envelope.recipient == "owner@hinata.example"
    assert "Hi Sarah," in envelope.plain
    assert "佐藤" not in envelope.html
    assert "/reviews/" not in envelope.html
    assert "List-Unsubscribe" not in envelope.headers
    with bought.shop.work() as session:
        message = session.scalars(select(Message)).one()
        assert (message.state, message.message_class, message.order_id) == ("sent", "test", None)
        assert session.scalars(select(JournalEntry)).all() == []


def test_two_tabs_that_send_the_same_test_at_once_make_one_mail(
    app: Flask, bought: Bought, mailbox: MemoryChannel
) -> None:
    asked = "review", "en", "owner@hinata.example", {"order_id": bought.order_id}

    def other_tab() -> int:
        with app.app_context(), bought.shop.work() as session:
            return service.compose_test(session, *asked).id

    with ThreadPoolExecutor(1) as other:
        with bought.shop.work() as session:
            first = service.compose_test(session, *asked).id
            # The other tab cannot see it yet: the database has it wait for this one.
            second = other.submit(other_tab)
            waits = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
            while not session.scalar(waits):
                assert not second.done()
        assert second.result() == first
    with bought.shop.work() as session:
        others = [
            service.compose_test(session, "review", "en", *one).id
            for one in (("staff@hinata.example", asked[3]), (asked[2], {}))
        ]
        assert len({first, *others}) == 3
    jobs.send_transactional()
    assert len(mailbox.sent) == 3


def test_a_test_to_nonsense_says_so_at_the_field(
    client: FlaskClient, shop: make.MadeShop, mailbox: MemoryChannel
) -> None:
    answer = client.post(
        "/app/messages/test",
        data={"kind": "review", "locale": "ja", "address": "nobody"},
        headers=sign.admin(shop.domain),
    )
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert 'value="nobody"' in answer.text


def test_a_doubt_is_resolved_by_a_person(
    client: FlaskClient, bought: Bought, mailbox: MemoryChannel
) -> None:
    mailbox.troubles = [InDoubt("no answer")]
    message = bought.say("next-steps")
    jobs.send_transactional()
    headers = sign.admin(bought.shop.domain)
    url = f"/app/messages/{message.id}"
    assert 'data-state="in_doubt"' in client.get(url, headers=headers).text
    client.post(f"{url}/resolve", data={"do": "close"}, headers=headers)
    assert bought.again(message).state == "closed"
