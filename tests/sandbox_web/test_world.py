"""The inbox, the time machine, the app proxy, the front page."""

from __future__ import annotations

import json
import re
import smtplib
from collections.abc import Iterator
from email.message import EmailMessage

import pytest
from flask.testing import FlaskClient

from app.sandbox import mail
from app.sandbox.running import Sandbox
from tests.sandbox.conftest import HINATA, Listener
from tests.sandbox_web.shopper import marks, order


@pytest.fixture
def post(sandbox: Sandbox) -> Iterator[smtplib.SMTP]:
    """A connection to the sandbox's mail server."""
    server = mail.serve(sandbox)
    with smtplib.SMTP("127.0.0.1", sandbox.settings.smtp_port) as connection:
        yield connection
    server.stop()


def letter(to: str) -> EmailMessage:
    """A mail with both parts."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "ひなた <a@hinata.example>", to, "お届けしました"
    made["List-Unsubscribe"] = "<https://okaeri.test/u/1>"
    made.set_content("こんにちは")
    made.add_alternative("<html><head></head><body><a href='/r'>再注文</a></body></html>", "html")
    return made


def test_mail_is_listed_searched_and_opened(http: FlaskClient, post: smtplib.SMTP) -> None:
    for to in ("taro@example.jp", "hana@example.jp"):
        post.send_message(letter(to))
    assert http.get("/inbox").text.count('data-testid="mail"') == 2
    assert http.get("/inbox?to=hana@example.jp").text.count('data-testid="mail"') == 1
    (found,) = (http.get("/inbox.json?to=hana@example.jp").json or {})["mails"]
    assert found["subject"] == "お届けしました"
    assert found["text"].strip() == "こんにちは"
    place = f"/inbox/{found['id']}"
    assert "mail-html" in marks(http.get(place).text)
    assert "こんにちは" in http.get(f"{place}?view=text").text
    assert "List-Unsubscribe" in http.get(f"{place}?view=headers").text
    assert b"MIME-Version" in http.get(f"{place}.eml").data
    assert http.get("/inbox/999").status_code == 404


def test_a_mail_can_run_and_load_nothing(http: FlaskClient, post: smtplib.SMTP) -> None:
    post.send_message(letter("taro@example.jp"))
    (found,) = (http.get("/inbox.json").json or {})["mails"]
    shown = http.get(f"/inbox/{found['id']}.html")
    policy = shown.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "allow-scripts" not in policy
    assert '<base target="_blank">' in shown.text


def test_a_mail_is_shown_as_dark_programs_show_it(http: FlaskClient, post: smtplib.SMTP) -> None:
    made = letter("taro@example.jp")
    style = "<style>@media (prefers-color-scheme: dark) { body { background: #111 } }</style>"
    made.get_payload()[1].set_content(style, "html")  # type: ignore[index,union-attr]
    post.send_message(made)
    (found,) = (http.get("/inbox.json").json or {})["mails"]
    assert "@media (max-width: 0)" in http.get(f"/inbox/{found['id']}.html").text
    assert "@media (min-width: 0)" in http.get(f"/inbox/{found['id']}.html?dark=1").text


def test_time_goes_forward(http: FlaskClient, sandbox: Sandbox) -> None:
    before = sandbox.now()
    told = http.post("/time.json", json={"forward": "3d"}).json or {}
    assert told["state"] == "done"
    assert told["steps"]
    assert (sandbox.now() - before).days == 3
    assert "time-steps" in marks(http.get("/time").text)
    assert "time-progress" in marks(http.get("/time/progress").text)


def test_nonsense_moves_no_time(http: FlaskClient) -> None:
    for wish in ("", "3", "-1d", "9999d", "soon"):
        assert http.post("/time.json", json={"forward": wish}).status_code == 422
        answer = http.post("/time", data={"forward": wish})
        assert answer.status_code == 422
        assert "time-error" in marks(answer.text)


def test_liquid_from_the_app_is_shown_in_the_theme(
    http: FlaskClient, installed: Sandbox, listener: Listener
) -> None:
    page = b"<h1>{{ shop.name }}</h1>{% raw %}{{ 7 }}{% endraw %}"
    listener.reply = lambda _call: (200, {"Content-Type": "application/liquid"}, page)
    http.set_cookie("session", "secret")
    answer = http.get(f"/{HINATA}/apps/okaeri/track?x=1")
    assert "<h1>ひなたコーヒー</h1>{{ 7 }}" in answer.text
    assert "theme-page" in marks(answer.text)
    (call,) = listener.calls
    assert call.path.startswith("/proxy/track?x=1")
    assert "signature=" in call.path
    assert "Cookie" not in call.headers


def test_other_answers_of_the_app_pass_through(
    http: FlaskClient, installed: Sandbox, listener: Listener
) -> None:
    headers = {"Content-Type": "application/json", "Set-Cookie": "a=b"}
    listener.reply = lambda call: (201, headers, json.dumps({"got": call.body.decode()}).encode())
    answer = http.post(f"/{HINATA}/apps/okaeri/save", data="abc", content_type="text/plain")
    assert (answer.status_code, answer.json) == (201, {"got": "abc"})
    assert "Set-Cookie" not in answer.headers


def test_broken_liquid_does_not_break_the_shop(
    http: FlaskClient, installed: Sandbox, listener: Listener
) -> None:
    listener.reply = lambda _call: (200, {"Content-Type": "application/liquid"}, b"{% if %}<b>")
    answer = http.get(f"/{HINATA}/apps/okaeri/track")
    assert answer.status_code == 200
    assert "Liquid error" in answer.text


def test_the_front_page_shows_the_way(http: FlaskClient) -> None:
    order(http)
    page = http.get("/").text
    assert {"shop-hinata-coffee", "shop-maple-goods", "open-admin", "open-store"} <= marks(page)


def test_the_language_form_leads_nowhere_else(http: FlaskClient) -> None:
    for back in ("https://evil.example/", "//evil.example/", "\\\\evil.example"):
        answer = http.post("/language", data={"language": "en", "back": back})
        assert answer.status_code == 303
        assert re.match(r"/(?![/\\])", answer.headers["Location"])
    assert http.post("/language", data={"language": "xx"}).status_code == 422


def test_a_qr_code_is_drawn(http: FlaskClient) -> None:
    assert http.get("/qr.svg?content=https://line.me/R/ti/p/@x").mimetype == "image/svg+xml"
    assert http.get("/qr.svg").status_code == 422
