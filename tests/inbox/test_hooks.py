"""Webhooks at the door: signed, kept once, understood later or kept with the reason."""

from __future__ import annotations

import json

import pytest
from flask import Flask
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from app.core.errors import GiveUp
from app.core.runtime import Runtime
from app.inbox import queries, service
from app.inbox.model import Webhook
from app.journal import queries as journal
from app.mirror import queries as mirror
from app.mirror.events import OrderPlaced
from tests import make, sign
from tests.make import MadeShop
from tests.mirror import said


def rows(shop: MadeShop) -> list[Webhook]:
    with shop.work() as session:
        return list(session.scalars(select(Webhook).order_by(Webhook.id)))


def test_a_wrong_signature_is_refused_and_nothing_is_stored(app: Flask, shop: MadeShop) -> None:
    forged = {"X-Shopify-Hmac-Sha256": "Z3Vlc3NlZA=="}
    answer = said.post(app, "orders/create", said.order(), headers=forged)
    assert answer.status_code == 401
    assert answer.get_json() == {"error": 401}
    assert rows(shop) == []


def test_no_signature_is_refused(app: Flask, shop: MadeShop) -> None:
    answer = app.test_client().post("/hooks/shopify", data=b"{}")
    assert answer.status_code == 401
    assert rows(shop) == []


def test_a_body_that_is_too_big_is_refused_unread(app: Flask, shop: MadeShop) -> None:
    answer = said.post(app, "orders/create", b"x" * (5 * 1024 * 1024 + 1))
    assert answer.status_code == 413
    assert rows(shop) == []


def test_the_raw_body_is_kept_as_it_was_signed(app: Flask, shop: MadeShop) -> None:
    raw = json.dumps(said.order(), indent=3, ensure_ascii=False).encode()
    assert said.post(app, "orders/create", raw).status_code == 200
    (kept,) = rows(shop)
    assert service.content(kept) == raw
    assert kept.state == "scheduled"
    assert kept.triggered_at is not None


def test_the_same_webhook_twice_has_one_effect(app: Flask, shop: MadeShop) -> None:
    for _ in range(3):
        answer = said.post(app, "orders/create", said.order(), webhook_id="same")
        assert answer.status_code == 200
    assert len(rows(shop)) == 1


def test_webhooks_of_two_shops_with_one_id_are_two(
    app: Flask, shop: MadeShop, other_shop: MadeShop
) -> None:
    said.post(app, "orders/create", said.order(), webhook_id="same")
    said.post(app, "orders/create", said.order(), webhook_id="same", domain=other_shop.domain)
    assert len(rows(shop)) == len(rows(other_shop)) == 1


def test_a_shop_we_do_not_know_is_a_stray(app: Flask, shop: MadeShop, owner: Engine) -> None:
    for _ in range(2):
        answer = said.post(
            app, "orders/create", said.order(), domain="stranger.myshopify.com", webhook_id="one"
        )
        assert answer.status_code == 200
    assert rows(shop) == []
    with owner.connect() as connection:
        strays = connection.execute(text("SELECT domain, topic FROM stray_webhooks")).all()
    assert strays == [("stranger.myshopify.com", "orders/create")]


@pytest.mark.parametrize(
    ("topic", "body", "reason"),
    [
        ("carts/create", b"{}", "unknown topic carts/create"),
        ("orders/create", b"{", "payload: not JSON"),
        ("orders/create", b"\xff\xfe", "payload: not JSON"),
        ("orders/create", b"[]", "payload: Expected `object`, got `array`"),
        ("orders/create", b'{"id": 1}', "payload: Object missing required field"),
        ("fulfillments/create", b'{"id": 1}', "payload: Object missing required field"),
        (
            "orders/create",
            json.dumps(said.order(total_price="a lot")).encode(),
            "payload: not an amount",
        ),
    ],
)
def test_what_nobody_understands_is_kept_with_the_reason(
    app: Flask, shop: MadeShop, topic: str, body: bytes, reason: str
) -> None:
    assert said.post(app, topic, body).status_code == 200
    make.settle(app)
    (kept,) = rows(shop)
    assert kept.state == "failed"
    assert (kept.error or "").startswith(reason)
    with shop.work() as session:
        assert [problem.id for problem in queries.problems(session)] == [kept.id]
        assert queries.failed_count(session) == 1


def test_a_failed_webhook_can_be_replayed(app: Flask, shop: MadeShop) -> None:
    said.post(app, "carts/create", said.order())
    make.settle(app)
    with shop.work() as session:
        # The topic gets its handler with the next version of the app.
        webhook = session.scalars(select(Webhook)).one()
        webhook.topic = "orders/create"
        assert service.replay_failed(session) == 1
    make.settle(app)
    (kept,) = rows(shop)
    assert (kept.state, kept.error) == ("done", None)
    with shop.work() as session:
        assert mirror.order_by_shopify_id(session, 5001) is not None


def test_replaying_what_was_done_does_nothing_twice(app: Flask, shop: MadeShop) -> None:
    said.tell(app, ("orders/create", said.order()))
    with shop.work() as session:
        before = session.execute(text("SELECT count(*) FROM journal_entries")).scalar_one()
        service.replay(session, rows(shop)[0].id)
    make.settle(app)
    assert rows(shop)[0].state == "done"
    with shop.work() as session:
        assert session.execute(text("SELECT count(*) FROM journal_entries")).scalar_one() == before


def test_old_webhooks_that_were_dealt_with_go(app: Flask, shop: MadeShop) -> None:
    said.post(app, "carts/create", b"{}")
    said.tell(app, ("orders/create", said.order()))
    with shop.work() as session:
        session.execute(text("UPDATE webhooks SET received_at = received_at - interval '31 days'"))
    with shop.work() as session:
        assert service.prune(session) == 1
    assert [kept.topic for kept in rows(shop)] == ["carts/create"]


def test_the_merchant_sees_what_was_not_understood_and_tries_again(
    app: Flask, shop: MadeShop, other_shop: MadeShop
) -> None:
    said.post(app, "carts/create", b"{}")
    make.settle(app)
    client = app.test_client()
    page = client.get("/app/webhooks?locale=ja", headers=sign.admin(shop.domain))
    assert page.status_code == 200
    assert "carts/create" in page.text
    assert "このトピックの処理方法が登録されていません。" in page.text
    number = rows(shop)[0].id
    path = f"/app/webhooks/{number}/replay"
    assert client.post(path, headers=sign.admin(other_shop.domain)).status_code == 404
    assert rows(shop)[0].state == "failed"
    assert client.post(path, headers=sign.admin(shop.domain)).status_code == 303
    assert rows(shop)[0].state == "scheduled"
    page = client.get("/app/webhooks?locale=en", headers=sign.admin(other_shop.domain))
    assert "Every webhook was understood." in page.text


tries: list[int | None] = []


def welcome(session: Session, event: OrderPlaced) -> None:
    tries.append(event.order_id)
    if len(tries) == 1:
        raise GiveUp("the guide is missing")


def test_a_follow_up_step_that_failed_is_seen_and_tried_again(
    app: Flask, shop: MadeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries.clear()
    running: Runtime = app.extensions["okaeri"]
    monkeypatch.setitem(running.table("REACTIONS"), OrderPlaced, [welcome])
    said.tell(app, ("orders/create", said.order()))
    client, staff = app.test_client(), sign.admin(shop.domain)
    page = client.get("/app/webhooks?locale=ja", headers=staff)
    assert "the guide is missing" in page.text
    with shop.work() as session:
        (failed,) = journal.undelivered(session)
    path = f"/app/webhooks/reactions/{failed.id}/replay"
    assert client.post(path, headers=staff).status_code == 303
    make.settle(app)
    assert len(tries) == 2
    assert client.post("/app/webhooks/reactions/999/replay", headers=staff).status_code == 404
