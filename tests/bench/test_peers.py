"""What an order's mail costs beside what others write it with, on the same machine in the same
minute: `pytest -m bench tests/bench/test_peers.py -s`.

Ours and theirs take turns, `OKAERI_BENCH_PASSES` times (3 by default) with `OKAERI_BENCH_MESSAGES`
mails each (300 by default), of one order with four lines. Printed are messages per second of the
sender's own CPU, the median of each side, and how many of theirs one of ours is. `Frames` are the
HTML and the plain text around words that are there already, as theirs are given them; a `mail` is
that with the shop's own words filled in (Liquid), which theirs does not do. Theirs is in `peers/`,
whose packages are installed there the first time. Signing links and the database are no part of it:
`test_send` has them.
"""

from __future__ import annotations

import gc
import json
import os
import re
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import mrml
import pytest
from flask import Flask
from jinja2 import Environment, Template

from app.channels.base import Envelope
from app.channels.email import EmailChannel
from app.core.claim import BATCH
from app.core.clock import now
from app.core.locale import gettext, use_locale
from app.messages import context, layouts
from app.messages.context import Mail
from app.messages.facts import gather
from app.messages.kinds import kind
from app.messages.names import address_person
from app.messages.prose import speak
from app.messages.render import Sender, headers, render
from tests import make
from tests.processes import ROOT

PASSES = int(os.environ.get("OKAERI_BENCH_PASSES", "3"))
MESSAGES = int(os.environ.get("OKAERI_BENCH_MESSAGES", "300"))
#: Translating MJML takes a hundred times as long: so many say as much.
FEW = max(MESSAGES // 15, 10)
WARM = 100
PEERS = Path(__file__).parent / "peers"
RECIPIENT = "hanako@example.com"


@dataclass(frozen=True)
class Letter:
    """One order's mail as we know it, its words for the others, and when it is written."""

    mail: Mail
    words: dict[str, Any]
    moment: datetime


@pytest.mark.bench
def test_beside_others(app: Flask, shop: make.MadeShop, noon: object) -> None:
    install()
    letter = write(shop)
    # As a worker does it: what is loaded by now is not looked through for garbage again.
    gc.collect()
    gc.freeze()
    ours = len(render(letter.mail).html.encode())
    with sink() as port:
        rows: dict[str, tuple[Callable[[], float], Callable[[], float]]] = {
            "frames, beside npm mjml per message": (
                partial(framed_per_second, letter),
                partial(theirs_per_second, letter, "mjml", FEW),
            ),
            "frames, beside Jinja + mrml (mjml-python's engine) per message": (
                partial(framed_per_second, letter),
                partial(translated_per_second, letter),
            ),
            "mail, beside npm mjml per message": (
                partial(ours_per_second, letter, render),
                partial(theirs_per_second, letter, "mjml", FEW),
            ),
            "mail, beside Jinja + mrml (mjml-python's engine) per message": (
                partial(ours_per_second, letter, render),
                partial(translated_per_second, letter),
            ),
            "mail + MIME + SMTP, beside nodemailer + Handlebars": (
                partial(sent_per_second, letter, port),
                partial(theirs_per_second, letter, "precompiled", MESSAGES, port),
            ),
            "mail + MIME + SMTP, beside nodemailer + npm mjml per message": (
                partial(sent_per_second, letter, port),
                partial(theirs_per_second, letter, "mjml", FEW, port),
            ),
        }
        print(f"\nour HTML {ours / 1e3:.1f} kB, theirs {size_of_theirs(letter) / 1e3:.1f} kB")
        for name, sides in rows.items():
            taken = [[side() for side in sides] for _ in range(PASSES)]
            mine, other = (median(one) for one in zip(*taken, strict=True))
            print(f"{name}: {mine:.0f} to {other:.0f} a CPU second, {mine / other:.2f} times")


def write(shop: make.MadeShop) -> Letter:
    """An order with four lines, and what its mail says."""
    with shop.work() as session, use_locale("ja"):
        goods = [make.product(session, title=f"エチオピア シダモ {number}") for number in range(4)]
        order = make.order(session, items=goods)
        facts = gather(
            session,
            kind("next-steps"),
            order_id=order.id,
            customer_id=order.customer_id,
            subject_ids={},
        )
        mail = context.build(session, facts, message_id=1, run_id=None)
        # What is worked out when a text first names it is worked out here.
        rendered = render(mail)
        return Letter(mail, words(mail, rendered.subject), now(session))


def words(mail: Mail, subject: str) -> dict[str, Any]:
    """What the mail says, for templates of others."""
    items = [
        {
            "title": one.title,
            "detail": gettext("Qty %(count)s", count=one.quantity),
            "price": one.price,
            "image": one.image_url,
        }
        for one in mail.items
    ]
    return {
        "subject": subject,
        "preview": mail.expected,
        "from": "shop@okaeri.test",
        "to": RECIPIENT,
        "greeting": mail.name.greeting,
        "lead": "ご注文ありがとうございます。発送までもうしばらくお待ちください。",
        "shop": {
            "name": mail.brand.name,
            "color": mail.palette.brand,
            "legal_name": mail.brand.legal_name,
            "postal_address": mail.brand.postal_address,
        },
        "labels": {
            "track": "配送状況",
            "order": "ご注文",
            "total": "合計",
            "address": "お届け先",
            "expected": "お届け予定",
            "help": "お困りのことはありませんか",
            "reply": "返信する",
        },
        "order": {"name": mail.order_name, "date": mail.order_date, "total": mail.total},
        "items": items,
        "address": mail.address,
        "expected": mail.expected,
        "links": {**mail.links, "mailto": mail.mailto, "store": mail.brand.storefront_url},
    }


def ours_per_second(letter: Letter, one: Callable[[Mail], object]) -> float:
    """How many mails a second of this process's CPU is good for. No two are alike: what is known
    of one helps no other."""
    taken = 0.0
    for first in range(-WARM, MESSAGES, BATCH):
        mails = list(readers(letter.mail, range(first, min(first + BATCH, MESSAGES))))
        begun = time.process_time()
        for mail in mails:
            one(mail)
        taken += time.process_time() - begun if first >= 0 else 0
    return MESSAGES / taken


def framed_per_second(letter: Letter) -> float:
    """How many mails a second, when their words are there."""
    own = letter.mail
    said = speak(own.kind, own.locale, own.liquid)
    html, plain = layouts.html(own.kind, own.locale), layouts.plain(own.kind, own.locale)

    def framed(mail: Mail) -> None:
        html.render(mail=mail, words=said, p=mail.palette)
        plain.render(mail=mail, words=said)

    return ours_per_second(letter, framed)


def readers(mail: Mail, numbers: range) -> Iterator[Mail]:
    """The mail for as many people, each with a name, an order, goods and a link of their own."""
    for number in numbers:
        items = [replace(item, title=f"{item.title} {number}") for item in mail.items]
        yield replace(
            mail,
            name=address_person(f"花子{number}", "山田", mail.locale),
            order_name=f"#{1001 + number}",
            items=items,
            item=items[0],
            links={**mail.links, "track": f"{mail.links['track']}{number}"},
        )


def sent_per_second(letter: Letter, port: int) -> float:
    """The same with MIME and the wire, over one line as a road has it."""
    channel = EmailChannel()
    try:
        return ours_per_second(
            letter, lambda mail: channel.send(envelope(mail, letter.moment, port))
        )
    finally:
        channel.close()


def envelope(mail: Mail, moment: datetime, port: int) -> Envelope:
    """The mail rendered anew, addressed to the sink."""
    rendered, key = render(mail), str(uuid.uuid4())
    sender = Sender("shop@okaeri.test", mail.brand.name, "")
    made = headers(
        mail,
        rendered,
        sender,
        recipient=RECIPIENT,
        send_key=key,
        moment=moment,
        feedback="next-steps:1:transactional:okaeri",
        way_out=False,
    )
    return Envelope(
        send_key=key,
        sender=sender.mailbox,
        recipient=RECIPIENT,
        headers=made,
        plain=rendered.plain,
        html=rendered.html,
        endpoint=f"smtp://127.0.0.1:{port}",
    )


def theirs_per_second(letter: Letter, mode: str, count: int, port: int | None = None) -> float:
    """The peers' figure, by their own account of their CPU."""
    return count / float(theirs(letter, mode, count, port)["cpu_s"])


def translated_per_second(letter: Letter) -> float:
    """How many mails a second Jinja fills and mrml translates, with the peers' templates."""
    mjml, plain = (as_jinja(name) for name in ("order.mjml", "order.txt.hbs"))
    begun = time.process_time()
    for _ in range(MESSAGES):
        plain.render(letter.words)
        mrml.to_html(mjml.render(letter.words))
    return MESSAGES / (time.process_time() - begun)


def as_jinja(name: str) -> Template:
    """A peers' template of Handlebars as Jinja says it."""

    def loop(found: re.Match[str]) -> str:
        body = re.sub(r"{{(?!this)(\w+)}}", r"{{this.\1}}", found[2])
        return f"{{% for this in {found[1]} %}}{body}{{% endfor %}}"

    source = (PEERS / name).read_text("utf-8")
    said = re.sub(r"{{#each (\w+)}}(.*?){{/each}}", loop, source, flags=re.DOTALL)
    return Environment(autoescape=name.endswith("mjml")).from_string(said)


def size_of_theirs(letter: Letter) -> int:
    """Bytes of HTML of a peer's mail."""
    return int(theirs(letter, "precompiled", 1)["html"])


def theirs(letter: Letter, mode: str, count: int, port: int | None = None) -> dict[str, Any]:
    """Have the peers do it; what they say of it."""
    done = subprocess.run(
        ["node", "send.mjs", mode, str(count), *([str(port)] if port else [])],
        cwd=PEERS,
        input=json.dumps(letter.words),
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@contextmanager
def sink() -> Iterator[int]:
    """A mail server of its own process; its port. Every message it was handed has to be there."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.bench.sink"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        assert server.stdin is not None
        try:
            yield int(server.stdout.readline())
        finally:
            server.stdin.close()
            taken = int(server.stdout.readline())
    ours, theirs = 2 * (MESSAGES + WARM), MESSAGES + FEW + WARM + min(WARM, FEW)
    assert taken == PASSES * (ours + theirs)


def install() -> None:
    """The peers' packages, as locked."""
    installed, lock = PEERS / "node_modules/.package-lock.json", PEERS / "package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        asked = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run(asked, cwd=PEERS, check=True)
