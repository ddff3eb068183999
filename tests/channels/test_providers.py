"""Providers behind the one interface: every answer, sorted into what it means for the message."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from app.channels.accounts import Account, provider_of, read
from app.channels.answers import retry_after
from app.channels.base import Bounced, Envelope, InDoubt, Signature, Unavailable
from app.channels.breaker import Breaker
from app.channels.dkim import signed
from app.channels.email import EmailChannel
from app.channels.prove import prove
from app.core.errors import GiveUp, TryLater
from tests import make
from tests.channels import smtpd
from tests.channels.provider import HANG_UP, Answer, Provider, serving

URLS = {
    "resend": Account("resend", "resend", "re_secret_key").url,
    "postmark": Account("postmark", "postmark", "pm-token", options={"stream": "s1"}).url,
    "ses": Account("ses", "ap-northeast-1", "AKIDEXAMPLE", "secret/+key").url,
}
PATHS = {"resend": "/emails", "postmark": "/email", "ses": "/v2/email/outbound-emails"}
TAKEN: dict[str, Any] = {
    "resend": {"id": "re_1"},
    "postmark": {"ErrorCode": 0, "MessageID": "pm_1"},
    "ses": {"MessageId": "ses_1"},
}


def envelope(endpoint: str, **given: Any) -> Envelope:
    key = str(uuid.uuid4())
    values: dict[str, Any] = {
        "send_key": key,
        "sender": "shop@hinata.example",
        "recipient": "buyer@example.com",
        "headers": {
            "Date": "Sun, 22 Nov 2026 06:00:00 +0000",
            "From": "ひなたコーヒー <shop@hinata.example>",
            "To": "buyer@example.com",
            "Subject": "【ひなたコーヒー】お味はいかがですか",
            "Message-ID": f"<{key}@hinata.example>",
            "Reply-To": "hello@hinata.example",
            "List-Unsubscribe": "<https://okaeri.test/u/x>, <mailto:hello@hinata.example>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
        "plain": "こんにちは",
        "html": "<p>こんにちは</p>",
        "endpoint": endpoint,
        "reference": "42",
    }
    return Envelope(**{**values, **given})


@contextmanager
def asking(app: Flask) -> Iterator[tuple[Provider, EmailChannel]]:
    """A provider, and a channel of an app that asks it."""
    with serving() as provider:
        url = provider.url
        with make.changed(app, resend_api_url=url, postmark_api_url=url, ses_api_url=url):
            yield provider, EmailChannel()


@pytest.mark.parametrize("provider", ["resend", "postmark", "ses"])
def test_a_message_is_taken(built: Flask, provider: str) -> None:
    with asking(built) as (server, channel):
        server.says(PATHS[provider], Answer(TAKEN[provider]))
        receipt = channel.send(envelope(URLS[provider]))
    assert receipt.detail == next(v for v in TAKEN[provider].values() if isinstance(v, str))
    (asked,) = server.asked
    said = asked.body
    if provider == "resend":
        assert asked.headers["Authorization"] == "Bearer re_secret_key"
        assert said["tags"] == [{"name": "okaeri", "value": "42"}]
        assert said["reply_to"] == "hello@hinata.example"
        assert said["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert "Message-ID" not in said["headers"]
    elif provider == "postmark":
        assert asked.headers["X-Postmark-Server-Token"] == "pm-token"
        assert (said["Metadata"], said["MessageStream"]) == ({"okaeri": "42"}, "s1")
    else:
        assert said["EmailTags"] == [{"Name": "okaeri", "Value": "42"}]
        raw = base64.b64decode(said["Content"]["Raw"]["Data"])
        assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in raw


@pytest.mark.parametrize(
    ("provider", "answer", "error"),
    [
        # Turned away at the door: certainly not taken, and worth another try.
        *((name, Answer({}, 429), Unavailable) for name in URLS),
        *((name, Answer({}, 503), Unavailable) for name in URLS),
        # A wrong key is wrong for every message until somebody corrects it.
        *((name, Answer({}, 401), Unavailable) for name in URLS),
        *((name, Answer({}, 403), Unavailable) for name in URLS),
        # An answer that may hide a success: only a provider with keys can be asked again.
        ("resend", Answer({}, 500), TryLater),
        ("postmark", Answer({}, 500), InDoubt),
        ("ses", Answer({}, 500), InDoubt),
        ("resend", HANG_UP, Unavailable),
        ("postmark", HANG_UP, InDoubt),
        ("ses", HANG_UP, InDoubt),
        # Never.
        ("resend", Answer({"name": "validation_error", "message": "to"}, 422), GiveUp),
        ("postmark", Answer({"ErrorCode": 300, "Message": "bad"}, 422), GiveUp),
        ("ses", Answer({"message": "bad"}, 400, {"x-amzn-ErrorType": "MessageRejected"}), GiveUp),
        ("postmark", Answer({"ErrorCode": 406, "Message": "inactive"}, 422), Bounced),
        # Resend's key: still at work on it, or out of quota.
        (
            "resend",
            Answer({"name": "concurrent_idempotent_requests", "message": "wait"}, 409),
            TryLater,
        ),
        ("resend", Answer({"name": "daily_quota_exceeded", "message": "no"}, 429), Unavailable),
    ],
)
def test_answers_are_sorted(
    built: Flask, provider: str, answer: Answer | str, error: type[Exception]
) -> None:
    with asking(built) as (server, channel):
        server.says(PATHS[provider], answer)
        with pytest.raises(error) as caught:
            channel.send(envelope(URLS[provider]))
    assert type(caught.value) is error
    assert "secret" not in str(caught.value)


def test_a_key_that_is_known_means_that_it_was_taken(built: Flask) -> None:
    with asking(built) as (server, channel):
        known = {"name": "invalid_idempotent_request", "message": "other payload"}
        server.says("/emails", Answer(known, 409))
        assert channel.send(envelope(URLS["resend"])).detail.startswith("409 already taken")


def test_the_same_key_delivers_once_however_often_the_answer_is_lost(built: Flask) -> None:
    with asking(built) as (server, channel):
        server.says("/emails", HANG_UP, Answer({}, 500), Answer({"id": "re_1"}))
        mail = envelope(URLS["resend"])
        for _ in range(2):
            with pytest.raises(TryLater):
                channel.send(mail)
            channel._breaker.mend(URLS["resend"])
        channel.send(mail)
    assert len(server.asked) == 3
    assert list(server.keyed) == [mail.send_key]


def test_a_closed_way_is_left_alone_and_blocks_nobody_else(built: Flask) -> None:
    with asking(built) as (server, channel):
        server.says("/emails", Answer({}, 429, {"Retry-After": "120"}))
        server.says("/email", Answer(TAKEN["postmark"]))
        for _ in range(5):
            with pytest.raises(TryLater) as caught:
                channel.send(envelope(URLS["resend"]))
            assert caught.value.seconds is not None
            assert 100 < caught.value.seconds <= 120
        other = Account("resend", "resend", "re_other_shop").url
        with pytest.raises(TryLater):
            channel.send(envelope(other))
        channel.send(envelope(URLS["postmark"]))
    assert [asked.path for asked in server.asked] == ["/emails", "/emails", "/email"]


def test_nobody_listens(built: Flask) -> None:
    with asking(built) as (server, _channel):
        gone = server.url
    with make.changed(built, resend_api_url=gone, ses_api_url=gone):
        for name in ("resend", "ses"):
            with pytest.raises(Unavailable, match="cannot be reached"):
                EmailChannel().send(envelope(URLS[name]))


def test_the_breaker_waits_longer_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    here = [1000.0]
    monkeypatch.setattr("app.channels.breaker.time.monotonic", lambda: here[0])
    breaker, rests = Breaker(), []
    for _ in range(7):
        breaker.trip("a", "dead")
        with pytest.raises(Unavailable) as caught:
            breaker.ask("a")
        rests.append(caught.value.seconds)
        here[0] += caught.value.seconds or 0
        breaker.ask("a")
    assert rests == [15, 30, 60, 120, 240, 300, 300]
    breaker.mend("a")
    breaker.trip("a", "dead", 7.0)
    with pytest.raises(Unavailable) as caught:
        breaker.ask("a")
    assert caught.value.seconds == 15


def test_retry_after_is_a_number_or_a_date() -> None:
    assert retry_after("17") == 17
    assert retry_after(None) is None
    assert retry_after("soon") is None
    assert retry_after("Sun, 22 Nov 2020 06:00:00 GMT") == 0


def test_endpoints_hold_any_key() -> None:
    account = Account("ses", "eu-west-1", "AK/+:@?#", "s:/?#@ä", {"configuration_set": "a_b"})
    assert read(account.url) == account
    assert provider_of("SMTPS://x") == "smtp"
    with pytest.raises(GiveUp):
        provider_of("ftp://x")


# --- DKIM ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def key() -> tuple[str, bytes]:
    """A key as the senders make it, and its public half as the DNS has it."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    ).decode()
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private, base64.b64encode(public)


def test_what_we_send_ourselves_is_signed(app: Flask, key: tuple[str, bytes]) -> None:
    private, public = key

    def dns(name: bytes, **_options: Any) -> bytes:
        assert name == b"okaeri._domainkey.hinata.example."
        return b"v=DKIM1; k=rsa; p=" + public

    with smtpd.serving() as server:
        signature = Signature("hinata.example", "okaeri", private)
        channel = EmailChannel()
        mail = envelope(f"smtp://127.0.0.1:{server.port}", signature=signature)
        channel.send(mail)
        channel.close()
    assert private not in repr(mail)
    (raw,) = server.messages
    assert dkim.verify(raw, dnsfunc=dns)
    covered = raw.partition(b"h=")[2].partition(b";")[0].replace(b"\r\n", b"").split(b":")
    names = {name.strip() for name in covered}
    assert {b"list-unsubscribe", b"list-unsubscribe-post", b"from", b"subject"} <= names
    forged = raw.replace(b"One-Click", b"Two-Click")
    assert not dkim.verify(forged, dnsfunc=dns)


HEADS = st.text("aB: \t=;あ", max_size=30).map(lambda word: word.strip().encode())
ROWS = st.lists(st.sampled_from(["", " ", "\t x  y \t", ".", "--=_a--", "x" * 76]), max_size=6)


@settings(max_examples=25, deadline=None)
@given(subject=HEADS, body=ROWS)
def test_what_is_signed_is_what_a_mailbox_checks(
    key: tuple[str, bytes], subject: bytes, body: list[str]
) -> None:
    private, public = key

    def dns(_name: bytes, **_options: Any) -> bytes:
        return b"v=DKIM1; k=rsa; p=" + public

    head = b"\r\n".join(
        [b"From: Hinata\r\n  <a@hinata.example>", b"To:b@c.example", b"SUBJECT:  " + subject]
    )
    message = head + b"\r\n\r\n" + "".join(f"{row}\r\n" for row in body).encode()
    raw = signed(message, Signature("hinata.example", "okaeri", private))
    assert max(map(len, raw.partition(message)[0].split(b"\r\n"))) <= 78
    assert dkim.verify(raw, dnsfunc=dns)
    assert not dkim.verify(raw.replace(b"c.example", b"d.example"), dnsfunc=dns)


# --- proving keys -------------------------------------------------------------------------------


def test_keys_are_proven_by_a_real_call(built: Flask) -> None:
    with asking(built) as (server, _channel):
        server.says("/domains", Answer({"data": [{"id": "d1", "name": "hinata.example"}]}))
        dkim_record = {
            "record": "DKIM",
            "name": "resend._domainkey",
            "type": "TXT",
            "value": "p=MIG",
        }
        server.says("/domains/d1", Answer({"records": [dkim_record]}))
        server.says("/server", Answer({"ErrorCode": 10, "Message": "no such token"}, 401))
        server.says("/v2/email/account", Answer({"SendingEnabled": True}))
        tokens = {"DkimAttributes": {"Tokens": ["abc"]}}
        server.says("/v2/email/identities/hinata.example", Answer(tokens))
        assert prove(URLS["resend"], "hinata.example") == [
            {
                "purpose": "dkim",
                "type": "TXT",
                "name": "resend._domainkey.hinata.example",
                "value": "p=MIG",
            }
        ]
        (cname,) = prove(URLS["ses"], "hinata.example")
        assert cname["name"] == "abc._domainkey.hinata.example"
        with pytest.raises(TryLater, match="no such token"):
            prove(URLS["postmark"], "hinata.example")
        server.says("/domains", Answer({"name": "restricted_api_key"}, 401))
        assert prove(URLS["resend"], "hinata.example") == []
        server.says("/v2/email/account", Answer({"SendingEnabled": False}))
        with pytest.raises(GiveUp, match="paused"):
            prove(URLS["ses"], "hinata.example")
    with smtpd.serving() as mail, make.changed(built, inner_mail_servers=True):
        assert prove(f"smtp://127.0.0.1:{mail.port}", "hinata.example") == []
        with pytest.raises(TryLater):
            prove(f"smtp+starttls://me:x@127.0.0.1:{mail.port}", "hinata.example")
