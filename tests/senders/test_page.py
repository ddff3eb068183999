"""The page about sending, through the door a merchant takes, with a real DNS server behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.channels.memory import MemoryChannel
from app.messages import jobs
from app.senders import queries, service
from tests import make, sign
from tests.channels import smtpd
from tests.messages.conftest import Bought
from tests.senders import dns_server
from tests.senders.dns_server import Zone


@pytest.fixture
def zone() -> Iterator[Zone]:
    with dns_server.serving() as made:
        yield made


@pytest.fixture
def online(app: Flask, zone: Zone) -> Iterator[Flask]:
    """The app with the test's own DNS."""
    with make.changed(app, dns_server=zone.address) as made:
        yield made


def see(client: FlaskClient, shop: make.MadeShop, path: str = "/app/sending") -> str:
    page = client.get(path, headers=sign.admin(shop.domain, **{"Okaeri-Locale": "en"}))
    assert page.status_code == 200
    return page.text


def post(client: FlaskClient, shop: make.MadeShop, path: str, **form: str) -> int:
    headers = sign.admin(shop.domain, **{"Okaeri-Locale": "en"})
    return client.post(f"/app/sending{path}", data=form, headers=headers).status_code


def state(page: str) -> str:
    found = re.search(r'data-testid="way" data-state="(\w+)"', page)
    assert found
    return found.group(1)


def records(page: str) -> dict[str, str]:
    return dict(re.findall(r'data-purpose="(\w+)" data-state="(\w+)"', page))


def test_the_hosts_server_in_the_shops_name_once_its_key_is_in_the_dns(
    online: Flask, zone: Zone, bought: Bought, mailbox: MemoryChannel
) -> None:
    client, shop = online.test_client(), bought.shop
    assert state(see(client, shop)) == "host"
    assert post(client, shop, "/way", provider="host", mailbox="Shop@Hinata.example") == 303
    assert state(see(client, shop)) == "checking"
    make.settle(online)
    page = see(client, shop)
    assert state(page) == "refused"
    assert records(page) == {
        "spf": "missing", "dkim": "missing", "dmarc": "missing", "mx": "missing"
    }  # fmt: skip
    with shop.work() as session:
        known = queries.domain(session, "hinata.example")
        assert known is not None
        key = known.public_key
        assert "PRIVATE" not in known.private_key
    assert key in page
    zone.txt("hinata.example", "google-site=x", "v=spf1 include:_spf.google.com -all")
    zone.txt("okaeri._domainkey.hinata.example", f"v=DKIM1; k=rsa; p={key}")
    zone.txt("_dmarc.hinata.example", "v=DMARC1; p=quarantine")
    zone.put("hinata.example", "MX", "10 mail.hinata.example.")
    assert post(client, shop, "/again") == 303
    make.settle(online)
    page = see(client, shop)
    assert state(page) == "active"
    assert records(page) == {"spf": "wrong", "dkim": "found", "dmarc": "found", "mx": "found"}
    assert "1 DNS record of your mail domain" in see(client, shop, "/app")
    # What to write keeps what is there.
    assert "v=spf1 include:_spf.google.com include:okaeri.test -all" in page
    bought.say("next-steps")
    jobs.send_transactional()
    (envelope,) = mailbox.sent
    assert envelope.sender == "shop@hinata.example"
    assert envelope.signature is not None
    assert (envelope.signature.domain, envelope.signature.selector) == ("hinata.example", "okaeri")
    assert "PRIVATE" not in repr(envelope)
    # The key vanishes: no signature that nobody can check.
    zone.txt("okaeri._domainkey.hinata.example", "v=DKIM1; p=other")
    zone.silent.add("_dmarc.hinata.example")
    assert post(client, shop, "/look") == 303
    make.settle(online)
    assert records(see(client, shop)) == {
        "spf": "wrong", "dkim": "wrong", "dmarc": "unknown", "mx": "found"
    }  # fmt: skip
    with shop.work() as session:
        assert queries.sending(session).signature is None


def test_a_server_is_tried_before_mail_is_trusted_to_it(online: Flask, shop: make.MadeShop) -> None:
    closed = {"provider": "smtp", "mailbox": "a@hinata.example"}
    with smtpd.serving() as server, make.changed(online, inner_mail_servers=True):
        client = online.test_client()
        post(client, shop, "/way", smtp_url="smtp://me:s3cret@127.0.0.1:9", **closed)
        make.settle(online)
        page = see(client, shop)
        assert state(page) == "refused"
        assert "could not be reached. [Errno" in page
        assert "s3cret" not in page
        post(client, shop, "/way", smtp_url=f"smtp://127.0.0.1:{server.port}", **closed)
        make.settle(online)
        page = see(client, shop)
    assert state(page) == "active"
    assert f"127.0.0.1:{server.port}" in page
    assert post(client, shop, "/back") == 303
    with shop.work() as session:
        assert queries.sending(session).provider == "host"


@pytest.mark.parametrize("inner", ["127.0.0.1", "localhost", "[::1]", "169.254.169.254"])
def test_nobody_knocks_at_the_hosts_inner_doors(
    online: Flask, shop: make.MadeShop, inner: str
) -> None:
    client = online.test_client()
    with smtpd.serving() as server:
        url = f"smtp://{inner}:{server.port}"
        post(client, shop, "/way", provider="smtp", mailbox="a@hinata.example", smtp_url=url)
        make.settle(online)
        page = see(client, shop)
    assert state(page) == "refused"
    assert "The mail server is not on the internet." in page
    assert server.connections == 0


@pytest.mark.parametrize(
    ("field", "form"),
    [
        ("mailbox", {"provider": "host", "mailbox": "shop@gmail.com"}),
        ("mailbox", {"provider": "host", "mailbox": "shop@YAHOO.co.jp"}),
        ("mailbox", {"provider": "host", "mailbox": "shop@docomo.ne.jp"}),
        ("mailbox", {"provider": "host", "mailbox": "nobody"}),
        ("mailbox", {"provider": "host", "mailbox": "店@hinata.example"}),
        ("mailbox", {"provider": "host"}),
        ("smtp_url", {"provider": "smtp", "mailbox": "a@b.example", "smtp_url": "mail.example"}),
        ("smtp_url", {"provider": "smtp", "mailbox": "a@b.example", "smtp_url": "smtp://h:port"}),
        ("api_key", {"provider": "resend", "mailbox": "a@b.example"}),
        ("region", {"provider": "ses", "mailbox": "a@b.example", "region": "evil.example/"}),
        ("secret_key", {"provider": "ses", "mailbox": "a@b.example", "region": "eu-west-1"}),
        ("server_token", {"provider": "postmark", "mailbox": "a@b.example"}),
    ],
)
def test_nonsense_comes_back(
    client: FlaskClient, shop: make.MadeShop, field: str, form: dict[str, str]
) -> None:
    page = client.post("/app/sending/way", data=form, headers=sign.admin(shop.domain))
    assert page.status_code == 422
    assert f'id="e-{field}"' in page.text
    with shop.work() as session:
        assert queries.newest(session) is None


def test_keys_are_sealed_and_never_shown(client: FlaskClient, shop: make.MadeShop) -> None:
    key = "re_s3cretkey_1234"
    form = {"provider": "resend", "mailbox": "a@b.example", "api_key": key}
    assert post(client, shop, "/way", **form) == 303
    with shop.work() as session:
        made = queries.newest(session)
        assert made is not None
        assert made.endpoint is not None
        assert key not in made.endpoint
        service.activate(session, made.id, [])
    page = see(client, shop)
    assert key not in page
    assert "…1234" in page
    assert "/hooks/email/resend/" in page
    assert post(client, shop, "/hook", hook_secret="nonsense") == 422
    assert post(client, shop, "/hook", hook_secret="whsec_" + "A" * 24) == 303


def test_a_person_lets_marketing_go_on(client: FlaskClient, shop: make.MadeShop) -> None:
    with shop.work() as session:
        for _ in range(100):
            service.note_sent(session, "review", "marketing")
        for _ in range(3):
            service.note_outcome(session, "review", "marketing", "complaints")
        (brake,) = queries.braking(session)
    assert "Too many people complain" in see(client, shop, "/app")
    page = see(client, shop)
    assert "3 of 100 recipients reported spam (3.00 %)" in page
    assert post(client, shop, f"/brakes/{brake.id}/release") == 303
    page = see(client, shop)
    assert 'data-testid="brake"' not in page
    assert "released by you" in page


def test_messages_are_handed_to_another_tool(client: FlaskClient, shop: make.MadeShop) -> None:
    assert post(client, shop, "/kinds", owner_review="Klaviyo", owner_nonsense="x") == 303
    with shop.work() as session:
        assert queries.owners(session) == {"review": "Klaviyo"}
    assert "<option selected>Klaviyo</option>" in see(client, shop)
    post(client, shop, "/kinds", owner_review="okaeri")
    with shop.work() as session:
        assert queries.owners(session) == {}
