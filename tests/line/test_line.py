"""Connecting, linking and asking, against the simulated LINE."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from app.consent import queries as consent
from app.core.runtime import runtime
from app.line import api, queries
from app.sandbox.line import accounts, login, menus, messaging, people
from tests import make, sign
from tests.line.conftest import Line, text_of
from tests.sandbox.conftest import HINATA

BACK = "https://okaeri.test/line/back"


def test_a_wrong_secret_is_said_beside_its_field_and_nothing_is_kept(line: Line) -> None:
    answer = line.connect(channel_secret="0" * 32)
    assert answer.status_code == 422
    assert "チャネルシークレットの組み合わせ" in answer.text
    assert line.account["channel_token"] not in answer.text
    with line.shop.work() as session:
        assert queries.account(session) is None


def test_connecting_tests_keeps_and_points_the_webhook(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = []
    for name in ("check_channel", "bot_info", "set_webhook"):
        asked = getattr(api, name)

        def watched(*given: str, asked: Any = asked) -> Any:
            held.append(runtime().engine.pool.checkedout())  # type: ignore[attr-defined]
            return asked(*given)

        monkeypatch.setattr(api, name, watched)
    assert "接続しました" in line.connect().text
    assert held == [0, 0, 0]  # no transaction waits for LINE
    assert line.account["webhook_url"].startswith("https://okaeri.test/hooks/line/")
    page = line.admin("/app/line").text
    assert line.account["channel_secret"] not in page
    assert line.account["channel_token"] not in page
    with line.shop.work() as session:
        kept = queries.account(session)
        assert kept is not None
        assert kept.channel_secret != line.account["channel_secret"]
    line.deliver()  # settles the errand that reads the quota
    assert f"0 / {line.account['quota']}" in line.admin("/app/line").text


def test_an_unsigned_event_is_refused(line: Line) -> None:
    line.connect()
    path = line.account["webhook_url"].partition("okaeri.test")[2]
    answer = line.client.post(path, data=b'{"events":[]}', headers={"X-Line-Signature": "no"})
    assert answer.status_code == 401


def log_in(line: Line, order_id: int, *, friend: bool = True) -> str:
    """Haruka taps the link, agrees at LINE and comes back; the page she sees."""
    accounts.edit(line.sandbox, HINATA, callback_urls=[BACK])
    tap = line.client.get(f"/l/{line.link(order_id)}")
    assert tap.status_code == 302
    query = {key: one[0] for key, one in parse_qs(urlsplit(tap.location).query).items()}

    back = login.allow(line.sandbox, query, "haruka", add_friend=friend)
    came = line.client.get(back.partition("okaeri.test")[2])
    assert came.status_code == 303
    again = line.client.get(back.partition("okaeri.test")[2])
    assert "result=failed" in again.location  # the same address links nobody twice
    return line.client.get(came.location).text


def test_one_tap_links_an_order_and_says_what_comes(line: Line) -> None:
    line.connect()
    order_id = line.buy()
    assert "LINEと連携しました" in log_in(line, order_id)
    with line.shop.work() as session:
        assert consent.addresses(session, line.customer_of(order_id)) == {"line": line.user_id}


def test_who_is_no_friend_is_asked_to_become_one(line: Line) -> None:
    line.connect()
    order_id = line.buy()
    assert "友だち追加" in log_in(line, order_id, friend=False)
    with line.shop.work() as session:
        assert consent.addresses(session, line.customer_of(order_id)) == {}


def test_without_login_a_code_and_lines_dialog_link(line: Line) -> None:
    line.connect(login_channel_id="", login_channel_secret="")
    people.follow(line.sandbox, HINATA, "haruka")
    order_id = line.buy()
    link = f"/l/{line.link(order_id)}"
    assert "LINEで受け取る" in line.client.get(link).text
    page = line.client.post(f"{link}/code").text
    code = page.partition('data-testid="line-code">')[2][:8]
    people.say(line.sandbox, HINATA, "haruka", f"連携 {code}")
    line.deliver()
    uri = line.said()[-1]["contents"]["footer"]["contents"][0]["action"]["uri"]
    query = {key: one[0] for key, one in parse_qs(urlsplit(uri).query).items()}

    login.link(line.sandbox, query["linkToken"], query["nonce"], "haruka")
    line.deliver()
    assert "連携が完了" in text_of(line.said()[-1])
    with line.shop.work() as session:
        assert consent.addresses(session, line.customer_of(order_id)) == {"line": line.user_id}
    # The code is used up: no second dialog.
    people.say(line.sandbox, HINATA, "haruka", f"連携 {code}")
    line.deliver()
    assert "連携は完了しています" in text_of(line.said()[-1])


def test_asking_where_it_is_costs_nothing_and_tells_little(line: Line) -> None:
    line.connect()
    order_id = line.buy(name="#100042")
    log_in(line, order_id)
    people.say(line.sandbox, HINATA, "haruka", "荷物はどこですか")
    line.deliver()
    said = text_of(line.said()[-1])
    assert "発送の準備" in said
    assert "0042" in said
    assert "#100042" not in said
    assert "/t/" in said
    people.tap(line.sandbox, HINATA, "haruka", "ask:reorder")
    line.deliver()
    assert "/r/" in text_of(line.said()[-1])
    with line.sandbox.work() as work:
        assert messaging.consumption(work, line.account) == 0


def test_who_wants_no_more_is_led_to_where_it_is_stopped(line: Line) -> None:
    line.connect()
    people.follow(line.sandbox, HINATA, "haruka")
    people.say(line.sandbox, HINATA, "haruka", "連携解除")
    line.deliver()
    assert "連携していません" in text_of(line.said()[-1])
    order_id = line.buy()
    log_in(line, order_id)
    people.say(line.sandbox, HINATA, "haruka", "連携解除")
    line.deliver()
    card = line.said()[-1]
    uri = card["contents"]["footer"]["contents"][0]["action"]["uri"]
    assert "LINE" in line.client.get(urlsplit(uri).path).text
    with line.shop.work() as session:
        assert consent.addresses(session, line.customer_of(order_id)) == {"line": line.user_id}


def test_small_talk_is_left_to_people(line: Line) -> None:
    line.connect()
    people.follow(line.sandbox, HINATA, "haruka")
    line.deliver()
    before = len(line.said())
    people.say(line.sandbox, HINATA, "haruka", "おいしかったです！")
    line.deliver()
    assert len(line.said()) == before


def test_who_blocks_is_forgotten_at_once(line: Line) -> None:
    line.connect()
    order_id = line.buy()
    log_in(line, order_id)
    people.block(line.sandbox, HINATA, "haruka")
    line.deliver()
    with line.shop.work() as session:
        assert consent.addresses(session, line.customer_of(order_id)) == {}


def test_disconnecting_forgets_everybody(line: Line) -> None:
    line.connect()
    order_id = line.buy()
    log_in(line, order_id)
    assert "接続を解除しました" in line.admin("/app/line/disconnect", {}).text
    with line.shop.work() as session:
        assert queries.account(session) is None
        assert consent.addresses(session, line.customer_of(order_id)) == {}


def test_the_menu_is_made_shown_and_taken_away(line: Line) -> None:
    line.connect()
    assert "表示しました" in line.admin("/app/line/menu", {"show": "1"}).text
    with line.sandbox.work() as work:
        menu = menus.under_chat(work, line.account)
    assert menu is not None
    assert "picture" in menu
    assert "取り下げました" in line.admin("/app/line/menu", {}).text
    assert line.account["default_menu"] is None


def test_a_budget_is_a_number(line: Line) -> None:
    line.connect()
    assert line.admin("/app/line/budget", {"month": "many"}).status_code == 422
    assert "保存しました" in line.admin("/app/line/budget", {"month": "500"}).text
    with line.shop.work() as session:
        kept = queries.account(session)
        assert kept is not None
        assert kept.limits["month"] == 500


def test_the_thank_you_page_links_the_order_in_one_tap(line: Line) -> None:
    line.connect()
    order_id = line.buy(checkout_token="c0ffee")
    body = {"checkout_token": "c0ffee", "order_gid": None, "locale": "ja", "lines": []}
    headers = sign.widget(line.shop.domain)
    shown = line.client.post("/widget/thank-you", json=body, headers=headers).get_json()
    assert shown["line"]["link_text"] == "LINEで受け取る"
    path = shown["line"]["url"].partition("okaeri.test")[2]
    assert line.client.get(path).location.startswith(f"{line.account_host}/line/access/oauth2")
    assert order_id


def test_a_download_is_offered_no_news_of_its_way(line: Line) -> None:
    line.connect()
    with line.shop.work() as session:
        download = make.product(session, requires_shipping=False)
    line.buy(checkout_token="c0ffee", items=[download])
    body = {"checkout_token": "c0ffee", "order_gid": None, "locale": "ja", "lines": []}
    headers = sign.widget(line.shop.domain)
    shown = line.client.post("/widget/thank-you", json=body, headers=headers).get_json()
    assert "発送" not in shown["line"]["note"]
    assert shown["line"]["link_text"] == "LINEで友だち追加"
    assert shown["tracking_text"] == "ご注文内容を確認する"
