"""Opens and clicks: people apart from programs, links that lead where we said and nowhere else."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from random import Random
from string import ascii_letters, digits
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select, text

from app.channels.memory import MemoryChannel
from app.consent import service as consent
from app.core import clock
from app.core.clock import now
from app.journal import queries as journal
from app.messages import jobs, queries, samples, service, signal_rules, wrap
from app.messages.model import Message, MessageSignal
from app.messages.signal_rules import HUMAN, PREFETCH, PROXY, SCANNER, TRAP, Click, judge
from tests import make
from tests.messages.conftest import Bought, buy, leads_to

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1"
NOON = datetime(2026, 6, 10, 3, tzinfo=UTC)


def click(link: str, number: int, seconds: float, verdict: str | None = None) -> Click:
    return Click(link, number, NOON + timedelta(seconds=seconds), verdict)


@pytest.mark.parametrize(
    ("what", "headers", "verdict"),
    [
        ("open", {"User-Agent": PHONE}, HUMAN),
        ("open", {"User-Agent": "Mozilla/5.0"}, PROXY),
        ("open", {"User-Agent": f"{PHONE} (via ggpht.com GoogleImageProxy)"}, HUMAN),
        ("open", {"User-Agent": ""}, SCANNER),
        ("click", {"User-Agent": PHONE}, None),
        ("click", {"User-Agent": PHONE, "Purpose": "prefetch"}, PREFETCH),
        ("click", {"User-Agent": PHONE, "Sec-Purpose": "prefetch;prerender"}, PREFETCH),
        ("click", {"User-Agent": "BarracudaCentral/5.0"}, SCANNER),
        ("click", {"User-Agent": "python-requests/2.32"}, SCANNER),
    ],
)
def test_what_a_request_gives_away(what: str, headers: dict[str, str], verdict: str | None) -> None:
    assert signal_rules.at_first_sight(what, headers) == verdict


def test_one_click_is_a_persons_and_a_burst_is_not() -> None:
    single = click("track", 1, 0)
    assert judge(single, []) == HUMAN
    assert judge(single, [click("track", 1, 0.4)]) == HUMAN
    burst = [click("track", 1, 0), click("store", 2, 0.5), click("review", 3, 1.9)]
    assert {judge(each, burst) for each in burst} == {SCANNER}
    assert judge(burst[0], [click("store", 2, 30), click("review", 3, 60)]) == HUMAN


def test_whoever_follows_the_trap_is_a_machine() -> None:
    assert judge(click("track", 1, 0), [click(TRAP, 0, 4, SCANNER)]) == SCANNER
    assert judge(click("track", 1, 0), [click(TRAP, 0, 3600, SCANNER)]) == HUMAN


@given(st.lists(st.tuples(st.integers(1, 6), st.floats(0, 600)), max_size=12))
def test_clicks_far_apart_are_all_a_persons(found: list[tuple[int, float]]) -> None:
    company = [
        click("store", number, position * 3.0) for position, (number, _s) in enumerate(found)
    ]
    assert all(judge(each, company) == HUMAN for each in company)


# --- the doors ----------------------------------------------------------------------------------


@pytest.fixture
def reader(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def mail(bought: Bought, mailbox: MemoryChannel) -> tuple[Message, str]:
    """A sent mail and its HTML."""
    message = bought.say("next-steps", journey="next-steps", step="thanks")
    jobs.send_transactional()
    return message, mailbox.sent[0].html


def paths(html: str) -> list[str]:
    return re.findall(r'href="https://okaeri\.test(/c/[^"]+)"', html)


def follow(reader: FlaskClient, path: str, **headers: str) -> str:
    answer = reader.get(path, headers={"User-Agent": PHONE, **headers})
    assert answer.status_code == 302
    return str(answer.headers["Location"])


def judged(app: Flask, owner: Engine) -> None:
    clock.shift_to(owner, clock.business_now(owner) + timedelta(seconds=6))
    make.settle(app)


def signals(bought: Bought) -> list[tuple[str, str, str | None]]:
    with bought.shop.work() as session:
        rows = session.scalars(select(MessageSignal).order_by(MessageSignal.id))
        return [(row.what, row.link, row.verdict) for row in rows]


def test_a_persons_click_leads_on_counts_once_and_is_announced_once(
    app: Flask, owner: Engine, bought: Bought, reader: FlaskClient, mail: tuple[Message, str]
) -> None:
    message, html = mail
    track = next(path for path in paths(html) if follow_quietly(reader, path).startswith(TRACK))
    assert follow(reader, track).startswith(TRACK)
    assert follow(reader, track).startswith(TRACK)
    judged(app, owner)
    assert signals(bought) == [("click", "track", HUMAN)] * 2
    with bought.shop.work() as session:
        assert queries.clicked(session, message.id)
        told = [e for e in journal.of_order(session, bought.order_id) if e.kind == "MessageClicked"]
        assert [entry.data["link"] for entry in told] == ["track"]
        (figures,) = queries.figures(session, now(session) - timedelta(days=1))
    assert (figures.sent, figures.clicked, figures.opened, figures.click_rate) == (1, 1, 1, 1.0)


TRACK = "https://okaeri.test/t/"


def follow_quietly(reader: FlaskClient, path: str) -> str:
    """Where a link leads, by a HEAD, which counts for nothing."""
    return str(reader.head(path).headers["Location"])


def test_a_scanner_follows_everything_and_counts_for_nothing(
    app: Flask, owner: Engine, bought: Bought, reader: FlaskClient, mail: tuple[Message, str]
) -> None:
    message, html = mail
    for path in paths(html):
        follow(reader, path)
    judged(app, owner)
    assert {verdict for _what, _link, verdict in signals(bought)} == {SCANNER}
    with bought.shop.work() as session:
        assert not queries.clicked(session, message.id)
        kinds = [entry.kind for entry in journal.of_order(session, bought.order_id)]
    assert "MessageClicked" not in kinds


def test_a_head_counts_for_nothing(
    bought: Bought, reader: FlaskClient, mail: tuple[Message, str]
) -> None:
    for path in paths(mail[1]):
        assert reader.head(path).status_code == 302
    assert signals(bought) == []


def test_the_picture_tells_people_from_mail_programs(
    bought: Bought, reader: FlaskClient, mail: tuple[Message, str]
) -> None:
    message, html = mail
    (path,) = re.findall(r'src="https://okaeri\.test(/p/[^"]+\.gif)"', html)
    assert reader.get(path, headers={"User-Agent": "Mozilla/5.0"}).mimetype == "image/gif"
    proxied = bought.again(message)
    assert (proxied.opened_at, proxied.proxy_opened_at is not None) == (None, True)
    answer = reader.get(path, headers={"User-Agent": PHONE})
    assert answer.data.startswith(b"GIF89a")
    assert answer.headers["Cache-Control"] == "no-store"
    assert bought.again(message).opened_at is not None


def test_a_link_leads_on_when_nothing_can_be_written(
    app: Flask, owner: Engine, reader: FlaskClient, mail: tuple[Message, str]
) -> None:
    with owner.begin() as connection:
        connection.execute(text("ALTER TABLE message_signals RENAME TO away"))
    try:
        for path in paths(mail[1]):
            assert follow(reader, path).startswith("https://")
    finally:
        with owner.begin() as connection:
            connection.execute(text("ALTER TABLE away RENAME TO message_signals"))


@pytest.mark.parametrize("path", ["/c/nonsense", "/c/nonsense?u=https://evil.example", "/p/x.gif"])
def test_nobody_else_names_a_target(reader: FlaskClient, path: str) -> None:
    assert reader.get(path).status_code == 403


def test_a_changed_token_leads_nowhere(reader: FlaskClient, mail: tuple[Message, str]) -> None:
    path = paths(mail[1])[0]
    other = path[:-4] + ("aaaa" if path[-4:] != "aaaa" else "bbbb")
    assert reader.get(other).status_code == 403


def test_the_stores_links_carry_the_campaign_and_the_way_out_is_left_alone(
    app: Flask, owner: Engine, bought: Bought, mailbox: MemoryChannel, reader: FlaskClient
) -> None:
    bought.say("review", journey="review", step="first")
    make.travel(owner, app, timedelta(hours=1))
    html = mailbox.sent[0].html
    assert re.search(r'href="https://okaeri\.test/u/', html)
    targets = [follow_quietly(reader, path) for path in paths(html)]
    assert not [url for url in targets if "/u/" in urlsplit(url).path]
    store = [url for url in targets if urlsplit(url).hostname == bought.shop.domain]
    assert store
    assert parse_qs(urlsplit(store[0]).query) == {
        "utm_source": ["okaeri"],
        "utm_medium": ["email"],
        "utm_campaign": ["review"],
        "utm_content": ["first"],
    }
    said = mailbox.sent[0].plain
    assert "https://okaeri.test/u/" in said
    assert {url for url in leads_to(said) if "/u/" in url} == set()
    assert any("utm_campaign=review" in url for url in leads_to(said))


def test_a_link_of_the_plain_part_is_counted_and_ends_where_it_ends(
    app: Flask, owner: Engine, bought: Bought, reader: FlaskClient, mailbox: MemoryChannel
) -> None:
    message = bought.say("next-steps", journey="next-steps", step="thanks")
    jobs.send_transactional()
    (token,) = [
        found
        for found in re.findall(r"https://okaeri\.test(/c/[\w.\-]+)", mailbox.sent[0].plain)
        if follow_quietly(reader, found).startswith(TRACK)
    ][:1]
    follow(reader, token)
    judged(app, owner)
    with bought.shop.work() as session:
        assert queries.clicked(session, message.id)
    way = wrap.Wrapping(
        1, 2, "https://okaeri.test", frozenset(), "email", "", "", opens=True, clicks=True,
        expires=NOON,
    )  # fmt: skip
    _html, said = wrap.dress("", "See https://a.example/x, (https://b.example/)", way)
    assert leads_to(said) == ["https://a.example/x", "https://b.example/"]
    assert said.startswith("See https://okaeri.test/c/")
    assert (said[-1], ", (" in said) == (")", True)


def test_a_button_on_line_keeps_what_of_its_link_line_takes(app: Flask) -> None:
    way = wrap.Wrapping(
        1, 2, "https://okaeri.test", frozenset({"shop.example"}), "line", "review", "ask",
        opens=False, clicks=True, expires=NOON,
    )  # fmt: skip

    # Letters that cannot be pressed into fewer.
    letters = "".join(Random(1).choices(ascii_letters + digits, k=960))

    def dressed(length: int) -> str:
        button = {"type": "uri", "uri": f"https://shop.example/{letters[:length]}"}
        return str(wrap.dress_card({"contents": [button]}, way)["contents"][0]["uri"])

    assert leads_to(dressed(20))[0].startswith(f"https://shop.example/{letters[:20]}?utm_")
    # Too long to be counted, it still says where its reader came from; longer, it still leads on.
    assert "utm_source=okaeri&utm_medium=line" in dressed(880)
    assert dressed(960) == f"https://shop.example/{letters}"


@pytest.mark.parametrize(
    ("country", "chosen", "counted"),
    [
        ("DE", "auto", False),
        ("GB", "auto", False),
        ("US", "auto", True),
        ("DE", "on", True),
        ("JP", "off", False),
    ],
)
def test_measuring_goes_by_the_merchant_and_else_by_the_readers_law(
    noon: datetime, mailbox: MemoryChannel, country: str, chosen: str, counted: bool
) -> None:
    shop = make.shop(settings={"frequency": {"opens": chosen, "clicks": chosen}})
    bought = buy(shop, shipping_address={"country_code": country})
    message = bought.say("next-steps")
    jobs.send_transactional()
    html = mailbox.sent[0].html
    assert ("/c/" in html, ".gif" in html) == (counted, counted)
    sent = bought.again(message)
    assert (sent.counts_opens, sent.counts_clicks) == (counted, counted)


def test_a_test_send_counts_nothing(
    shop: make.MadeShop, mailbox: MemoryChannel, bought: Bought
) -> None:

    with shop.work() as session:
        service.compose_test(
            session, "review", "ja", "me@example.com", samples.subject(session, "ja")
        )
    jobs.send_transactional()
    assert "/c/" not in mailbox.sent[0].html
    assert "/p/" not in mailbox.sent[0].html


def test_unsubscribes_are_counted_with_the_message_that_brought_them(
    app: Flask, owner: Engine, bought: Bought, mailbox: MemoryChannel
) -> None:
    message = bought.say("review")
    make.travel(owner, app, timedelta(hours=1))
    with bought.shop.work() as session:
        consent.unsubscribe(
            session, bought.customer_id, None, "page", evidence={"message_id": message.id}
        )
    with bought.shop.work() as session:
        (figures,) = queries.figures(session, now(session) - timedelta(days=1))
    assert (figures.kind, figures.unsubscribed, figures.unsubscribe_rate) == ("review", 1, 1.0)


def test_the_shop_looking_at_a_mail_is_not_its_reader_opening_it(
    mail: tuple[Message, str],
) -> None:
    assert re.search(r"/p/[^\"]+\.gif", mail[1])
    assert ".gif" not in wrap.unseen(mail[1])
