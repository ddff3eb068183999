"""The simulated LINE Platform keeps LINE's own rules."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import jwt
import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from app.sandbox.line import accounts, events, messaging, people
from app.sandbox.line.objects import faults
from app.sandbox.running import Sandbox
from tests.sandbox.conftest import HINATA, Listener

TEXT = {"type": "text", "text": "お届け予定日のお知らせです"}


@pytest.fixture
def ours(sandbox: Sandbox) -> dict[str, Any]:
    """The shop's account, with Haruka as a friend."""
    people.follow(sandbox, HINATA, "haruka")
    return accounts.account_of(sandbox, HINATA)


def call(http: FlaskClient, ours: dict[str, Any], path: str, **given: Any) -> Any:
    """A call with the channel's token."""
    headers = {"Authorization": f"Bearer {ours['channel_token']}", **given.pop("headers", {})}
    method = given.pop("method", "POST" if "json" in given or "data" in given else "GET")
    return http.open(f"/line/api/v2/bot{path}", method=method, headers=headers, **given)


def push(http: FlaskClient, ours: dict[str, Any], key: str | None = None, to: str = "") -> Any:
    """Push one text to Haruka."""
    body = {"to": to or people.user_id(ours, "haruka"), "messages": [TEXT]}
    headers = {"X-Line-Retry-Key": key} if key else {}
    return call(http, ours, "/message/push", json=body, headers=headers)


def test_a_retry_key_sends_once(http: FlaskClient, sandbox: Sandbox, ours: Any) -> None:
    key = str(uuid4())
    first, second = push(http, ours, key), push(http, ours, key)
    assert (first.status_code, second.status_code) == (200, 409)
    assert second.get_json()["sentMessages"] == first.get_json()["sentMessages"]
    assert second.headers["X-Line-Accepted-Request-Id"]
    assert len(people.chat(sandbox, HINATA, "haruka")) == 1


def test_who_blocked_gets_nothing_and_the_sender_hears_nothing(
    http: FlaskClient, sandbox: Sandbox, ours: Any
) -> None:
    people.block(sandbox, HINATA, "haruka")
    assert push(http, ours).status_code == 200
    assert people.chat(sandbox, HINATA, "haruka") == []
    assert call(http, ours, f"/profile/{people.user_id(ours, 'haruka')}").status_code == 404


def test_the_month_has_an_end(http: FlaskClient, sandbox: Sandbox, ours: Any) -> None:
    accounts.edit(sandbox, HINATA, quota=1)
    assert push(http, ours).status_code == 200
    assert push(http, ours).status_code == 429
    assert call(http, ours, "/message/quota").get_json() == {"type": "limited", "value": 1}
    used = call(http, ours, "/message/quota/consumption").get_json()
    assert used == {"totalUsage": 1}


def test_strangers_and_forgers(http: FlaskClient, ours: Any) -> None:
    assert push(http, ours, to="U" + "0" * 32).status_code == 400
    assert push(http, {**ours, "channel_token": "forged"}).status_code == 401
    assert push(http, ours, key="not-a-uuid").status_code == 400


def test_events_are_signed_and_a_reply_token_is_good_once(
    http: FlaskClient, sandbox: Sandbox, ours: Any, listener: Listener
) -> None:
    url = {"endpoint": f"{sandbox.settings.app_url}/hooks/line/x"}
    assert call(http, ours, "/channel/webhook/endpoint", json=url, method="PUT").is_json
    people.say(sandbox, HINATA, "haruka", "配送状況")
    assert events.post_one(sandbox)
    heard = listener.calls[-1]
    secret = ours["channel_secret"].encode()
    expected = base64.b64encode(hmac.new(secret, heard.body, hashlib.sha256).digest()).decode()
    assert heard.headers["X-Line-Signature"] == expected
    event = json.loads(heard.body)["events"][0]
    assert event["message"]["text"] == "配送状況"
    assert event["source"]["userId"] == people.user_id(ours, "haruka")
    body = {"replyToken": event["replyToken"], "messages": [TEXT]}
    assert call(http, ours, "/message/reply", json=body).status_code == 200
    assert call(http, ours, "/message/reply", json=body).status_code == 400
    # Replies are free.
    assert call(http, ours, "/message/quota/consumption").get_json() == {"totalUsage": 0}


def test_login_tells_who_it_is_once_and_only_to_a_registered_address(
    http: FlaskClient, sandbox: Sandbox
) -> None:
    ours = accounts.edit(sandbox, HINATA, callback_urls=["https://okaeri.example/line/back"])
    query = {
        "response_type": "code",
        "client_id": ours["login_channel_id"],
        "redirect_uri": "https://okaeri.example/line/back",
        "state": "s1",
        "scope": "profile openid",
        "nonce": "n-1",
        "bot_prompt": "aggressive",
    }
    path = "/line/access/oauth2/v2.1/authorize"
    foreign = {**query, "redirect_uri": "https://evil.example/"}
    assert http.get(path, query_string=foreign).status_code == 422
    answer = http.post(path, data={**query, "_answer": "allow", "_friend": "1"})
    back = {key: one[0] for key, one in parse_qs(urlsplit(answer.location).query).items()}
    assert (back["state"], back["friendship_status_changed"]) == ("s1", "true")
    form = {
        "grant_type": "authorization_code",
        "code": back["code"],
        "redirect_uri": query["redirect_uri"],
        "client_id": ours["login_channel_id"],
        "client_secret": ours["login_channel_secret"],
    }
    told = http.post("/line/api/oauth2/v2.1/token", data=form).get_json()
    claims = jwt.decode(
        told["id_token"],
        ours["login_channel_secret"],
        algorithms=["HS256"],
        audience=ours["login_channel_id"],
    )
    assert (claims["sub"], claims["nonce"]) == (people.user_id(ours, "haruka"), "n-1")
    assert http.post("/line/api/oauth2/v2.1/token", data=form).status_code == 400
    status = http.get(
        "/line/api/friendship/v1/status",
        headers={"Authorization": f"Bearer {told['access_token']}"},
    )
    assert status.get_json() == {"friendFlag": True}


def test_a_link_token_links_its_person_once(
    http: FlaskClient, sandbox: Sandbox, ours: Any, listener: Listener
) -> None:
    url = {"endpoint": f"{sandbox.settings.app_url}/hooks/line/x"}
    call(http, ours, "/channel/webhook/endpoint", json=url, method="PUT")
    user = people.user_id(ours, "haruka")
    token = call(http, ours, f"/user/{user}/linkToken", json={}).get_json()["linkToken"]
    form = {"linkToken": token, "nonce": "0123456789abcdef"}
    path = "/line/access/dialog/bot/accountLink"
    assert http.post(path, data=form).status_code == 303
    assert http.post(path, data=form).status_code == 422
    assert events.post_one(sandbox)
    event = json.loads(listener.calls[-1].body)["events"][0]
    assert event["link"] == {"result": "ok", "nonce": "0123456789abcdef"}


@given(st.text(max_size=5100))
def test_texts_have_a_length(words: str) -> None:
    size = len(words.encode("utf-16-le", "surrogatepass")) // 2
    wrong = faults([{"type": "text", "text": words}])
    assert bool(wrong) == (not 1 <= size <= 5000)


def test_what_line_refuses_about_flex() -> None:
    def flex(inner: dict[str, Any]) -> list[Any]:
        body = {"type": "box", "layout": "vertical", "contents": [inner]}
        bubble = {"type": "bubble", "body": body}
        return faults([{"type": "flex", "altText": "x", "contents": bubble}])

    good = {"type": "uri", "label": "見る", "uri": "https://okaeri.example"}
    assert flex({"type": "button", "action": good}) == []
    assert flex({"type": "button", "action": {**good, "uri": "javascript:alert(1)"}})
    assert flex({"type": "button", "action": {**good, "label": "x" * 41}})
    assert flex({"type": "text", "text": ""})
    assert flex({"type": "box", "layout": "sideways", "contents": []})
    assert messaging.quota({"quota": 200})["value"] == 200


def test_a_notification_goes_to_a_number_and_tells_of_its_delivery(
    http: FlaskClient, sandbox: Sandbox, ours: Any
) -> None:
    accounts.edit(sandbox, HINATA, notices=True)
    to = hashlib.sha256(people.PEOPLE["kenta"]["number"].encode()).hexdigest()
    tag = {"X-Line-Delivery-Tag": "a-tag-of-16-signs"}
    body = {
        "to": to,
        "templateKey": "shipment_completed_ja",
        "body": {"buttons": [{"buttonKey": "check_delivery_status_ja", "url": "https://x.test/"}]},
    }

    def send(headers: dict[str, str] = tag, **more: Any) -> int:
        given = {"json": {**body, **more}, "headers": headers}
        return int(call(http, ours, "/message/pnp/templated/push", **given).status_code)

    assert send() == 202
    assert "配達状況を確認する" in json.dumps(
        people.chat(sandbox, HINATA, "kenta"), ensure_ascii=False
    )
    assert [send(to="0" * 64), send(to="+8190"), send(templateKey="nothing")] == [422, 400, 400]
    assert send({"X-Line-Retry-Key": str(uuid4())}) == 400  # LINE takes no retry keys here
    accounts.edit(sandbox, HINATA, notices=False)
    assert send() == 403
