"""A shopper ends the connection with LINE themself, and what comes next comes by mail."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from app.channels.memory import MemoryChannel
from app.consent import queries as consent
from app.consent.model import GENERAL, ORDERS
from app.line import service
from app.mirror import queries as mirror
from app.sandbox.line import people
from app.shops import service as shops
from tests.line.conftest import Line
from tests.line.test_sending import linked, say
from tests.sandbox.conftest import HINATA

__all__ = ["linked"]


def the_way_out(line: Line) -> str:
    """Where the chat leads whoever writes 連携解除: the path of the page."""
    people.say(line.sandbox, HINATA, "haruka", "連携解除")
    line.deliver()
    button: Any = line.said()[-1]["contents"]["footer"]["contents"][0]["action"]
    return urlsplit(button["uri"]).path


def test_the_shopper_ends_the_connection_and_reads_mail_from_then_on(
    line: Line, linked: int, mailbox: MemoryChannel
) -> None:
    customer, guest = line.customer_of(linked), line.buy()
    with line.shop.work() as session:
        # The same person bought as a guest, too: they are let go once and for all.
        again = mirror.order(session, guest).customer_id or 0
        service.link(session, again, line.user_id, order_id=guest, source="login", locale="ja")
    assert say(line, linked).channel == "line"
    page = the_way_out(line)
    assert "LINEとの連携を解除する" in line.client.get(page).text
    with line.shop.work() as session:
        assert consent.addresses(session, customer) == {"line": line.user_id}  # a GET ends nothing
    done = line.client.post(page, data={"do": "unlink"})
    assert "LINEとの連携を解除しました" in done.text
    assert 'data-testid="unlink"' not in done.text
    with line.shop.work() as session:
        assert consent.customers_at(session, "line", line.user_id) == []
        words = consent.words(session, customer)
        for topic in (ORDERS, GENERAL):
            assert not words["line", topic].granted
            assert words["line", topic].source == "preferences"
            assert words["line", topic].evidence["where"] == "preference page"
    assert "連携はございません" in line.client.post(page, data={"do": "unlink"}).text
    assert say(line, linked, "payment-received", "k2").channel == "email"
    assert len(mailbox.sent) == 1


def test_who_links_anew_gets_news_there_again_and_no_advertising(line: Line, linked: int) -> None:
    line.client.post(the_way_out(line), data={"do": "unlink"})
    with line.shop.work() as session:
        customer = mirror.order(session, linked).customer_id or 0
        service.link(session, customer, line.user_id, order_id=linked, source="login", locale="ja")
        words = consent.words(session, customer)
        assert words["line", ORDERS].granted
        assert words["line", ORDERS].evidence["order_id"] == linked
        assert not words["line", GENERAL].granted
    assert say(line, linked, "shipped", "k3").channel == "line"
    # The order's page, too, leads its buyer to where it is ended.
    page = line.client.get(f"/t/{line.link(linked, 'track')}").text
    assert 'data-testid="line"' not in page
    way = page.partition('data-testid="line-linked"')[2].partition('href="')[2].partition('"')[0]
    assert urlsplit(way).fragment == "line"
    centre = line.client.get(urlsplit(way).path).text
    assert 'id="line" data-testid="unlink"' in centre
    # What is done there is said at the top, where the form leads back to.
    assert centre.count('<form method="post" action="/preferences/') == centre.count("<form")


def test_connecting_an_account_sends_news_there_first(line: Line) -> None:
    def first() -> str:
        with line.shop.work() as session:
            return shops.settings_of(shops.shop(session)).frequency.prefer

    assert first() == "email"
    line.connect()
    assert first() == "line"
    line.connect()
    line.admin("/app/line/disconnect", {})
    assert first() == "email"
