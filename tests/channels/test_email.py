"""E-mail over SMTP: every answer of a server, sorted into what it means for the message."""

from __future__ import annotations

import socket
import uuid
from collections.abc import Iterator

import pytest

from app.channels.base import Bounced, Envelope, InDoubt
from app.channels.email import EmailChannel
from app.channels.smtp import Endpoint, Line
from app.core.errors import GiveUp, TryLater
from tests.channels.smtpd import HANG_UP, ScriptedServer, serving


@pytest.fixture
def channel() -> Iterator[EmailChannel]:
    made = EmailChannel()
    yield made
    made.close()


def envelope(server: ScriptedServer, recipient: str = "buyer@example.com") -> Envelope:
    key = str(uuid.uuid4())
    return Envelope(
        send_key=key,
        sender="no-reply@okaeri.test",
        recipient=recipient,
        headers={
            "From": "ひなたコーヒー <no-reply@okaeri.test>",
            "To": recipient,
            "Subject": "【ひなたコーヒー】ご注文ありがとうございます",
            "Message-ID": f"<{key}@okaeri.test>",
        },
        plain=".一行目\n二行目",
        html="<p>こんにちは</p>",
        endpoint=f"smtp://127.0.0.1:{server.port}",
    )


def test_a_message_is_taken(channel: EmailChannel) -> None:
    with serving() as server:
        receipt = channel.send(envelope(server))
        channel.close()
    assert receipt.detail == "250 ok"
    assert "MAIL FROM:<no-reply@okaeri.test>" in server.verbs
    assert "RCPT TO:<buyer@example.com>" in server.verbs
    assert len(server.messages) == 1


def test_one_line_carries_a_batch(channel: EmailChannel) -> None:
    with serving() as server:
        for _ in range(5):
            channel.send(envelope(server))
        channel.close()
    assert (server.connections, len(server.messages)) == (1, 5)


def test_a_line_keeps_no_dot_back() -> None:
    with serving() as server:
        line = Line(Endpoint.parse(f"smtp://127.0.0.1:{server.port}"), "okaeri.test")
        assert line.client.sock is not None
        assert line.client.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        line.quit()


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "DOT"])
@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("421 closing", TryLater),
        ("450 busy", TryLater),
        ("452 full", TryLater),
        ("552 5.2.2 quota", GiveUp),
        ("554 5.7.1 policy", GiveUp),
        ("550 5.7.1 blocked", GiveUp),
        ("550 5.1.0 sender address rejected", GiveUp),
        ("550 5.1.8 sender's domain is broken", GiveUp),
    ],
)
def test_answers_mean_later_or_never(
    channel: EmailChannel, verb: str, answer: str, error: type[Exception]
) -> None:
    with serving(**{verb: [answer, "250 ok"]}) as server, pytest.raises(error) as caught:
        channel.send(envelope(server))
    assert type(caught.value) is error


def test_a_refused_message_does_not_spoil_the_next(channel: EmailChannel) -> None:
    with serving(RCPT=["450 later", "250 ok"]) as server:
        with pytest.raises(TryLater):
            channel.send(envelope(server))
        channel.send(envelope(server))
    assert len(server.messages) == 1


@pytest.mark.parametrize("answer", ["550 5.1.1 unknown user", "550 no such mailbox", "553 5.1.3 x"])
def test_an_address_that_does_not_exist_is_a_bounce(channel: EmailChannel, answer: str) -> None:
    with serving(RCPT=[answer]) as server, pytest.raises(Bounced):
        channel.send(envelope(server))


def test_a_mailbox_may_be_looked_for_after_the_message(channel: EmailChannel) -> None:
    with serving(DOT=["550 5.1.1 unknown user"]) as server, pytest.raises(Bounced):
        channel.send(envelope(server))
    # Without the figures it is the message that is disliked.
    with serving(DOT=["550 no"]) as server, pytest.raises(GiveUp) as caught:
        channel.send(envelope(server))
    assert type(caught.value) is GiveUp


def test_hanging_up_before_the_dot_is_certainly_not_sent(channel: EmailChannel) -> None:
    with (
        serving(BODY=[HANG_UP], DATA=["354 go on"]) as server,
        pytest.raises((TryLater, InDoubt)) as caught,
    ):
        channel.send(envelope(server))
    # The body lies in the kernel's buffer when the server hangs up, so the dot may still be
    # written: then nobody knows. Never is the message called sent.
    assert server.messages == []
    assert caught.value.args


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA"])
def test_hanging_up_at_a_command_is_certainly_not_sent(channel: EmailChannel, verb: str) -> None:
    with serving(**{verb: [HANG_UP]}) as server, pytest.raises(TryLater):
        channel.send(envelope(server))


def test_no_answer_after_the_dot_leaves_it_in_doubt(channel: EmailChannel) -> None:
    with serving(DOT=[HANG_UP]) as server, pytest.raises(InDoubt):
        channel.send(envelope(server))
    assert len(server.messages) == 1


def test_silence_after_the_dot_leaves_it_in_doubt(
    channel: EmailChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.channels.smtp.AFTER_DOT_S", 0.2)
    with serving(DOT=["250-still thinking"]) as server, pytest.raises(InDoubt):
        channel.send(envelope(server))


def test_an_idle_line_that_the_server_closed_is_opened_again(channel: EmailChannel) -> None:
    with serving(MAIL=["250 ok", HANG_UP, "250 ok"]) as server:
        channel.send(envelope(server))
        channel.send(envelope(server))
    assert (server.connections, len(server.messages)) == (2, 2)


def test_a_dead_server_is_asked_once_a_batch(channel: EmailChannel) -> None:
    with serving(CONNECT=["421 too busy"]) as server:
        for _ in range(3):
            with pytest.raises(TryLater):
                channel.send(envelope(server))
    assert server.connections == 1


def test_nobody_listens(channel: EmailChannel) -> None:
    with serving() as server:
        gone = envelope(server)
    with pytest.raises(TryLater, match="cannot be reached"):
        channel.send(gone)


def test_demanded_encryption_that_is_not_offered_is_not_waived(channel: EmailChannel) -> None:
    with serving() as server:
        secret = f"smtp+starttls://me:secret@127.0.0.1:{server.port}"
        with pytest.raises(TryLater):
            channel.send(Envelope(**{**vars(envelope(server)), "endpoint": secret}))
    assert not any("secret" in verb or verb.startswith("AUTH") for verb in server.verbs)


@pytest.mark.parametrize(
    "recipient",
    [
        "a@example.com>\r\nRCPT TO:<b@example.com",
        "no at sign",
        "a b@example.com",
        "山田@example.com",
    ],
)
def test_addresses_that_cannot_be_written_are_refused(
    channel: EmailChannel, recipient: str
) -> None:
    with serving() as server, pytest.raises(GiveUp):
        channel.send(envelope(server, recipient))
    assert server.messages == []


@pytest.mark.parametrize(
    ("recipient", "path"),
    [
        ("taro..yamada.@docomo.ne.jp", "taro..yamada.@docomo.ne.jp"),
        ("taro@例え.jp", "taro@xn--r8jz45g.jp"),
    ],
)
def test_addresses_that_rules_forbid_and_mailboxes_have(
    channel: EmailChannel, recipient: str, path: str
) -> None:
    with serving() as server:
        made = envelope(server, recipient)
        headers = {**made.headers, "To": path}
        channel.send(Envelope(**{**vars(made), "headers": headers}))
    assert f"RCPT TO:<{path}>" in server.verbs


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("smtp://h", Endpoint("h", 25, "offered", None, None)),
        ("smtps://h", Endpoint("h", 465, "tls", None, None)),
        ("smtp+starttls://u%40x:p%3A@h:2525", Endpoint("h", 2525, "starttls", "u@x", "p:")),
    ],
)
def test_endpoints(url: str, endpoint: Endpoint) -> None:
    assert Endpoint.parse(url) == endpoint


@pytest.mark.parametrize("url", ["http://h", "smtp://", "nonsense", ""])
def test_what_is_no_endpoint(url: str) -> None:
    with pytest.raises(GiveUp):
        Endpoint.parse(url)


def test_a_name_that_turns_inwards_is_told_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    # Looked up it is outside; by the time of the connection it has become one of ours.
    monkeypatch.setattr("app.channels.smtp.resolve", lambda _host: ["93.184.215.14"])
    channel = EmailChannel(outside=True)
    with serving() as server, pytest.raises(GiveUp, match="inside the host's network"):
        channel.send(envelope(server))
    assert server.verbs == []
