"""Providers' reports: genuine ones only, each once, in whatever order they come."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from app.channels.base import InDoubt
from app.channels.memory import MemoryChannel
from app.consent import queries as consent
from app.core import clock
from app.core.secrets import unseal
from app.messages import jobs
from app.senders import hooks, queries, service
from app.senders.model import DeliveryEvent, SendingDay
from tests import make
from tests.channels.provider import Answer, Provider, serving
from tests.messages.conftest import Bought
from tests.messages.conftest import buy as buy_something

SECRET = "whsec_" + base64.b64encode(b"a signing secret of Resend's").decode()
_numbers = itertools.count(1)


def use(shop: make.MadeShop, provider: str, secret: str | None = None) -> str:
    """Have the shop send by a provider; the path of its hook."""
    with shop.work() as session:
        account = service.enter(
            session,
            provider=provider,
            mailbox="shop@hinata.example",
            endpoint=f"{provider}://key@place",
            shown="…key",
            hook_secret=secret,
        )
        service.activate(session, account.id, [])
        service.call_established(session, "hinata.example", established=True)
        return "/hooks/email/" + hooks.address(account).partition("/hooks/email/")[2]


def svix(body: bytes, secret: str = SECRET, **given: str) -> dict[str, str]:
    name = given.get("name") or f"msg_{next(_numbers)}"
    moment = given.get("moment") or str(int(time.time()))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{name}.{moment}.".encode() + body
    text = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return {"Svix-Id": name, "Svix-Timestamp": moment, "Svix-Signature": f"v1,xx v1,{text}"}


def event(kind: str, reference: int | str, **bounce: str) -> bytes:
    data: dict[str, Any] = {"email_id": "re_1", "tags": {"okaeri": str(reference)}}
    if bounce:
        data["bounce"] = bounce
    moment = datetime.now(UTC).isoformat()
    return json.dumps({"type": f"email.{kind}", "created_at": moment, "data": data}).encode()


def tell(client: FlaskClient, path: str, body: bytes, **given: str) -> int:
    return client.post(path, data=body, headers=svix(body, **given)).status_code


def counted(shop: make.MadeShop) -> dict[str, int]:
    """The day's figures of every kind together."""
    with shop.work() as session:
        rows = session.scalars(select(SendingDay)).all()
        names = ("sent", "delivered", "hard_bounces", "soft_bounces", "complaints", "unsubscribes")
        return {name: sum(getattr(row, name) for row in rows) for name in names}


def suppressed(bought: Bought, address: str) -> dict[str, str]:
    with bought.shop.work() as session:
        return {s.scope: s.reason for s in consent.suppressions(session, "email", address)}


HARD = {"type": "Permanent", "message": "no such user"}
SOFT = {"type": "Transient", "message": "mailbox full"}


def test_forged_reports_are_refused(
    client: FlaskClient, shop: make.MadeShop, other_shop: make.MadeShop
) -> None:
    path, other = use(shop, "resend", SECRET), use(other_shop, "resend", SECRET + "AAAA")
    body = event("delivered", 1)
    assert tell(client, path, body) == 200
    assert client.post(path, data=body).status_code == 401
    assert client.post(path, data=body + b" ", headers=svix(body)).status_code == 401
    assert tell(client, path, body, secret="whsec_" + base64.b64encode(b"x" * 24).decode()) == 401
    assert tell(client, path, body, moment=str(int(time.time()) - 600)) == 401
    assert tell(client, path, body, moment="soon") == 401
    assert tell(client, other, body) == 401  # another shop's secret
    assert tell(client, path.replace("/resend/", "/postmark/"), body) == 401
    assert tell(client, path[:-1], body) == 403
    with shop.work() as session:
        service.go_back(session)
    assert tell(client, path, body) == 200  # late reports of the way before still count


@pytest.mark.parametrize(
    "order", list(itertools.permutations(["delivered", "bounced", "complained"]))
)
def test_reports_in_any_order_and_twice_end_the_same(
    app: Flask,
    client: FlaskClient,
    bought: Bought,
    order: tuple[str, ...],
) -> None:
    path = use(bought.shop, "resend", SECRET)
    message = bought.say("next-steps")
    jobs.send_transactional()
    bodies = {
        name: event(name, message.id, **(HARD if name == "bounced" else {})) for name in order
    }
    for name in (*order, *order):
        assert tell(client, path, bodies[name], name=f"msg_{name}") == 200
    make.settle(app)
    assert bought.again(message).state == "complained"
    assert counted(bought.shop) == {
        "sent": 1, "delivered": 1, "hard_bounces": 1, "soft_bounces": 0, "complaints": 1,
        "unsubscribes": 0,
    }  # fmt: skip
    address = message.recipient or ""
    assert suppressed(bought, address) == {"all": "hard_bounce", "marketing": "complaint"}
    with bought.shop.work() as session:
        newest = consent.newest(session, bought.customer_id, "email")
        assert newest is not None
        assert (newest.granted, newest.source) == (False, "complaint")


def test_five_soft_bounces_in_two_weeks_and_the_mailbox_counts_as_abandoned(
    app: Flask,
    client: FlaskClient,
    owner: Engine,
    bought: Bought,
) -> None:
    path = use(bought.shop, "resend", SECRET)
    message = bought.say("next-steps")
    jobs.send_transactional()
    address = message.recipient or ""
    for number in range(5):
        assert suppressed(bought, address) == {}, number
        tell(client, path, event("bounced", message.id, **SOFT))
        make.settle(app)
    assert suppressed(bought, address) == {"all": "soft_bounces"}
    assert bought.again(message).state == "sent"


def test_a_report_resolves_a_doubt(
    app: Flask,
    client: FlaskClient,
    bought: Bought,
    mailbox: MemoryChannel,
) -> None:
    path = use(bought.shop, "resend", SECRET)
    mailbox.troubles = [InDoubt("no answer")]
    message = bought.say("next-steps")
    jobs.send_transactional()
    assert bought.again(message).state == "in_doubt"
    tell(client, path, event("delivered", message.id))
    make.settle(app)
    found = bought.again(message)
    assert (found.state, found.error, found.reason) == ("delivered", None, None)
    assert counted(bought.shop)["sent"] == 1


def test_reports_about_other_mail_of_the_account_do_nothing(
    app: Flask,
    client: FlaskClient,
    bought: Bought,
    other_shop: make.MadeShop,
) -> None:
    path = use(other_shop, "resend", SECRET)
    message = bought.say("next-steps")
    jobs.send_transactional()
    for reference in (message.id, "", "x", 9**17):
        assert tell(client, path, event("complained", reference)) == 200
    assert tell(client, path, event("opened", message.id)) == 200
    make.settle(app)
    assert bought.again(message).state == "sent"
    with other_shop.work() as session:
        assert session.scalars(select(DeliveryEvent)).all() == []


def test_postmark_shows_what_we_put_into_its_address(
    app: Flask,
    client: FlaskClient,
    bought: Bought,
) -> None:
    path = use(bought.shop, "postmark", "a-password")
    message = bought.say("next-steps")
    jobs.send_transactional()
    body = {"RecordType": "Bounce", "Type": "HardBounce", "Metadata": {"okaeri": str(message.id)}}
    assert client.post(path, json=body).status_code == 401
    assert client.post(path, json=body, auth=("okaeri", "wrong")).status_code == 401
    assert client.post(path, json=body, auth=("okaeri", "a-password")).status_code == 200
    make.settle(app)
    assert bought.again(message).state == "bounced"
    with bought.shop.work() as session:
        account = queries.active(session)
        assert account is not None
        assert "okaeri:a-password@" in hooks.address(account)


# --- Amazon -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def amazon_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def amazon(app: Flask, amazon_key: rsa.RSAPrivateKey) -> Iterator[tuple[Flask, Provider]]:
    """An app whose Amazon is a server of ours, which hands out the certificate."""
    named = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    made = (
        x509.CertificateBuilder()
        .subject_name(named)
        .issuer_name(named)
        .public_key(amazon_key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2036, 1, 1, tzinfo=UTC))
        .sign(amazon_key, hashes.SHA256())
    )
    with serving() as provider:
        pem = made.public_bytes(serialization.Encoding.PEM).decode()
        provider.says("/cert.pem", Answer(pem))
        provider.says("/confirm", Answer("ok"))
        with make.changed(app, sns_url=provider.url) as other:
            yield other, provider


def notice(key: rsa.RSAPrivateKey, kind: str, **given: Any) -> dict[str, Any]:
    """What Amazon posts, signed."""
    said: dict[str, Any] = {
        "Type": kind,
        "MessageId": f"sns-{next(_numbers)}",
        "TopicArn": "arn:aws:sns:ap-northeast-1:1:mail",
        "Timestamp": "2026-11-22T06:00:00.000Z",
        "SignatureVersion": "2",
        "SigningCertURL": "https://sns.ap-northeast-1.amazonaws.com/cert.pem",
        **given,
    }
    names = ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
    text = "".join(f"{name}\n{said[name]}\n" for name in names if name in said)
    signature = key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    return {**said, "Signature": base64.b64encode(signature).decode()}


def test_amazon_is_believed_by_its_certificate_and_topic(
    amazon: tuple[Flask, Provider],
    amazon_key: rsa.RSAPrivateKey,
    bought: Bought,
) -> None:
    app, provider = amazon
    client, path = app.test_client(), use(bought.shop, "ses")
    message = bought.say("next-steps")
    jobs.send_transactional()
    delivery = json.dumps(
        {"eventType": "Delivery", "mail": {"tags": {"okaeri": [str(message.id)]}}, "delivery": {}}
    )
    early = notice(amazon_key, "Notification", Message=delivery)
    assert client.post(path, json=early).status_code == 401  # no topic is known yet
    asked = notice(
        amazon_key,
        "SubscriptionConfirmation",
        Message="confirm?",
        Token="t",
        SubscribeURL="https://sns.ap-northeast-1.amazonaws.com/confirm?Token=t",
    )
    assert client.post(path, json=asked).status_code == 200
    make.settle(app)
    assert [one.path for one in provider.asked].count("/confirm?Token=t") == 1
    with bought.shop.work() as session:
        account = queries.active(session)
        assert account is not None
        assert unseal(account.hook_secret or "") == asked["TopicArn"]
    assert client.post(path, json=early).status_code == 200
    make.settle(app)
    assert bought.again(message).state == "delivered"
    foreign = "arn:aws:sns:ap-northeast-1:666:mail"
    forged = [
        {**early, "Message": "{}"},
        {**early, "SigningCertURL": "https://evil.example/cert.pem"},
        {**early, "SigningCertURL": "http://sns.ap-northeast-1.amazonaws.com/cert.pem"},
        {**early, "SigningCertURL": "https://sns.x.amazonaws.com.evil.example/cert.pem"},
        {**early, "SignatureVersion": "9"},
        {},
        [],
        notice(amazon_key, "Notification", Message=delivery, TopicArn=foreign),
        notice(rsa.generate_private_key(65537, 2048), "Notification", Message=delivery),
    ]
    for body in forged:
        assert client.post(path, json=body).status_code == 401, body
    assert {one.path.partition("?")[0] for one in provider.asked} == {"/cert.pem", "/confirm"}


def test_a_confirmation_is_only_sent_to_amazon(
    amazon: tuple[Flask, Provider], amazon_key: rsa.RSAPrivateKey, shop: make.MadeShop
) -> None:
    app, provider = amazon
    path = use(shop, "ses")
    asked = notice(
        amazon_key,
        "SubscriptionConfirmation",
        Message="confirm?",
        Token="t",
        SubscribeURL=f"{provider.url}/confirm",
    )
    assert app.test_client().post(path, json=asked).status_code == 200
    make.settle(app)
    assert "/confirm" not in [one.path for one in provider.asked]


def test_an_unsubscription_counts_against_the_last_marketing_message(
    app: Flask,
    owner: Engine,
    noon: datetime,
    shop: make.MadeShop,
) -> None:
    from app.consent import service as ledger

    made = buy_something(shop)
    message = made.say("review")
    make.travel(owner, app, timedelta(days=1))
    assert made.again(message).state == "sent"
    clock.shift_to(owner, clock.business_now(owner) + timedelta(days=1))
    person = made.customer_id
    assert person is not None
    # Who comes on a merchant's list left another sender, and nothing of ours is to blame.
    for source, blamed in (("import", 0), ("one-click", 1)):
        with shop.work() as session:
            ledger.unsubscribe(session, person, message.recipient, source)
        make.settle(app)
        assert counted(shop)["unsubscribes"] == blamed
        with shop.work() as session:
            ledger.grant(
                session, person, channel="email", source="page", occurred_at=clock.now(session)
            )
