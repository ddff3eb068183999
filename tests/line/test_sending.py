"""Messages by LINE: chosen, drawn, pushed once, counted, and by mail where LINE cannot."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from app.channels.memory import MemoryChannel
from app.core import clock
from app.core.clock import machine_now, now
from app.core.errors import GiveUp
from app.core.locale import use_locale
from app.line import queries, service, tickets
from app.messages import context, jobs, line_cards
from app.messages import service as messages
from app.messages.facts import gather
from app.messages.kinds import all_kinds, kind
from app.messages.model import Message, MessageSignal, SendAttempt
from app.messages.signals import judge_click
from app.mirror import queries as mirror
from app.parcels import queries as parcels
from app.sandbox.line import accounts, people
from app.sandbox.line.objects import faults
from app.wiring import channels
from tests import make
from tests.journeys.world import World
from tests.line.conftest import Line, prefer_line, text_of
from tests.messages.conftest import leads_to
from tests.sandbox.conftest import HINATA


@pytest.fixture
def linked(line: Line, monkeypatch: pytest.MonkeyPatch) -> int:
    """Haruka's order, linked to her LINE; the real LINE channel beside the memory's mail."""
    running = line.app.extensions["okaeri"]
    monkeypatch.setitem(running.channels, "line", channels(running.settings)["line"])
    line.connect()
    line.deliver()
    order_id = line.buy()
    people.follow(line.sandbox, HINATA, "haruka")
    with line.shop.work() as session:
        service.link(
            session,
            mirror.order(session, order_id).customer_id or 0,
            line.user_id,
            order_id=order_id,
            source="login",
            locale="ja",
        )
        prefer_line(session)
    line.deliver()
    return order_id


def say(line: Line, order_id: int, kind: str = "next-steps", key: str = "k") -> Message:
    """Compose a message about the order and let the workers send it."""
    with line.shop.work() as session:
        order = mirror.order(session, order_id)
        found = messages.compose(
            session,
            messages.Intent(
                key=key,
                kind=kind,
                journey="next-steps",
                due_at=now(session),
                order_id=order_id,
                customer_id=order.customer_id,
            ),
        )
        number = found.id
    make.settle(line.app)
    with line.shop.work() as session:
        message = session.get_one(Message, (line.shop.id, number))
        session.expunge(message)
        return message


def test_who_is_linked_reads_it_on_line_and_not_in_the_mail(
    line: Line, linked: int, mailbox: MemoryChannel
) -> None:
    message = say(line, linked)
    assert (message.channel, message.state) == ("line", "sent")
    assert mailbox.sent == []
    said = line.said()[-1]
    assert said["type"] == "flex"
    assert "配送状況を確認する" in text_of(said)
    with line.shop.work() as session:
        account = queries.account(session)
        assert account is not None
        assert account.quota_used == 1


def test_an_unpaid_order_is_promised_nothing_on_line_either(line: Line, linked: int) -> None:
    with line.shop.work() as session:
        mirror.order(session, linked).financial_status = "pending"
    say(line, linked)
    assert "ご入金を確認でき次第、発送の準備をいたします。" in text_of(line.said()[-1])
    with line.shop.work() as session:
        mirror.order(session, linked).financial_status = "paid"
    say(line, linked, "payment-received", "k2")
    assert "ご入金を確認いたしました" in text_of(line.said()[-1])


def test_what_cannot_wait_comes_at_night_without_a_sound(
    line: Line, owner: Engine, linked: int
) -> None:
    with line.shop.work() as session:
        clock.shift_to(owner, now(session) + timedelta(hours=11))
    shown = len(line.said())
    night = say(line, linked, "address-changed")
    assert (night.channel, night.state) == ("line", "sent")
    chat = people.chat(line.sandbox, HINATA, "haruka")
    assert chat[-1]["quiet"]
    # Everything else about an order waits for the morning, and rings then.
    thanks = say(line, linked, "payment-received", "k2")
    assert (thanks.state, len(line.said())) == ("scheduled", shown + 1)
    clock.shift_to(owner, thanks.due_at)
    make.settle(line.app)
    assert len(line.said()) == shown + 2
    assert not people.chat(line.sandbox, HINATA, "haruka")[-1]["quiet"]


def test_when_the_month_is_spent_it_goes_by_mail(
    line: Line, linked: int, mailbox: MemoryChannel
) -> None:
    accounts.edit(line.sandbox, HINATA, quota=0)
    message = say(line, linked)
    assert (message.channel, message.state) == ("email", "sent")
    assert len(mailbox.sent) == 1


@pytest.mark.parametrize(
    ("limit", "reached"),
    [("quota", "今月のメッセージ通数の上限"), ("budget", "設定された今月の上限")],
)
def test_the_merchant_is_written_to_once_when_the_month_is_used_up(
    line: Line, linked: int, mailbox: MemoryChannel, limit: str, reached: str
) -> None:
    with line.shop.work() as session:
        account = queries.account(session)
        assert account is not None
        if limit == "quota":
            account.quota_limit = account.quota_used
        else:
            account.limits = {"month": 0}
    about = {"shop_id": line.shop.id, "journey": "review", "marketing": True, "priority": 100}
    for _ in range(2):
        with pytest.raises(GiveUp, match=limit):
            tickets.take(about)
    # News of deliveries may pass the merchant's own limit, but not LINE's.
    assert say(line, linked).channel == ("email" if limit == "quota" else "line")
    alerts = [mail for mail in mailbox.sent if mail.recipient == "owner@hinata.example"]
    assert [mail.headers["Subject"] for mail in alerts] == ["今月のLINEの配信枠を使い切りました"]
    assert reached in alerts[0].plain
    with line.shop.work() as session:
        assert queries.standing(session).sent.get("review") is None


def test_a_tap_on_a_cards_button_is_a_click(line: Line, linked: int) -> None:
    message = say(line, linked)
    (uri,) = [found for found in uris(line.said()[-1]) if "/t/" in leads_to(found)[0]]
    phone = {"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Line/15.5.0"}
    answer = line.client.get(uri.partition("okaeri.test")[2], headers=phone)
    assert answer.headers["Location"] == leads_to(uri)[0]
    with line.shop.work() as session:
        signal = session.scalars(select(MessageSignal)).one()
        judge_click(session, signal)
        kept = session.get_one(Message, (line.shop.id, message.id))
        assert (signal.verdict, kept.counts_clicks, bool(kept.clicked_at)) == ("human", True, True)


def uris(card: Any) -> list[str]:
    """The links of a card."""
    if isinstance(card, list):
        return [uri for part in card for uri in uris(part)]
    if not isinstance(card, dict):
        return []
    own = [card["uri"]] if card.get("type") == "uri" else []
    return own + [uri for part in card.values() for uri in uris(part)]


def test_a_dead_workers_push_is_made_again_and_read_once(line: Line, linked: int) -> None:
    message = say(line, linked)
    shown = len(line.said())
    with line.shop.work() as session:
        lost = session.get_one(Message, (line.shop.id, message.id))
        lost.state, lost.lease_until = "sending", machine_now() - timedelta(seconds=1)
    jobs.sweep_up()
    jobs.send_line()
    with line.shop.work() as session:
        again = session.get_one(Message, (line.shop.id, message.id))
        tries = select(SendAttempt.detail).where(SendAttempt.message_id == message.id)
        attempts = session.scalars(tries.order_by(SendAttempt.id)).all()
    assert again.state == "sent"
    assert attempts[-1] == "409 accepted before"
    assert len(line.said()) == shown


def test_who_blocked_gets_mail_again(line: Line, linked: int, mailbox: MemoryChannel) -> None:
    people.block(line.sandbox, HINATA, "haruka")
    line.deliver()
    message = say(line, linked)
    assert (message.channel, message.state) == ("email", "sent")
    assert len(mailbox.sent) == 1


def test_a_star_in_the_chat_leads_to_the_page_whatever_its_number(line: Line, linked: int) -> None:
    message = say(line, linked)
    for stars in (1, 5):
        people.tap(line.sandbox, HINATA, "haruka", f"stars:{message.id}:{stars}", "★" * stars)
        line.deliver()
        card = line.said()[-1]["contents"]
        uri = card["footer"]["contents"][0]["action"]["uri"]
        assert f"?stars={stars}" in uri
        page = line.client.get(uri.partition("okaeri.test")[2])
        assert page.status_code == 200
        assert "review" in page.text


@pytest.mark.parametrize("language", ["ja", "en"])
def test_line_takes_every_card_there_is(line: Line, linked: int, language: str) -> None:
    kinds = [name for name in all_kinds() if line_cards.speaks(name)]
    assert {"next-steps", "shipped", "delivered", "start-guide", "review", "replenish"} <= set(
        kinds
    )
    with line.shop.work() as session:
        order = mirror.order(session, linked)
        for name in kinds:
            facts = gather(
                session,
                kind(name),
                order_id=order.id,
                customer_id=order.customer_id,
                subject_ids={},
                locale=language,
            )
            with use_locale(language):
                mail = context.build(session, facts, message_id=1, run_id=None)
                alt, plain, drawn = line_cards.draw(mail, 1)
            assert faults([drawn]) == [], name
            assert alt.startswith(mail.brand.name)
            assert "{{" not in plain


def test_a_mail_invites_who_is_not_linked_yet(line: Line, mailbox: MemoryChannel) -> None:
    line.connect()
    say(line, line.buy())
    assert "LINEで受け取る" in mailbox.sent[-1].html
    assert any("/l/" in url for url in leads_to(mailbox.sent[-1].plain))


def test_who_reads_us_on_line_is_told_so_and_who_misses_a_parcel_hears_of_that(
    line: Line, linked: int
) -> None:
    world = World(line.app, line.shop)
    world.switch_on("shipping")
    page = f"/t/{line.link(linked, 'track')}"
    assert "LINEでお知らせします" in line.client.get(page).text
    world.deliver(linked)
    with line.shop.work() as session:
        parcel = parcels.parcels_of(session, linked)[0].id
    line.client.post(f"{page}/parcels/{parcel}/not-received")
    people.say(line.sandbox, HINATA, "haruka", "配送状況")
    line.deliver()
    said = text_of(line.said()[-1])
    assert "お荷物をお調べしています" in said
    assert "届いていないとのご連絡を承りました" in said
