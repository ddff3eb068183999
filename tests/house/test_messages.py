"""Every message kind renders in both languages, looks as every message must, and says what its
class allows."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.core.locale import LANGUAGES, use_locale
from app.messages import context, kinds, prose, samples
from app.messages.extras import Proof
from app.messages.facts import gather
from app.messages.kinds import FOLDER, MARKETING, Kind
from app.messages.names import width
from app.messages.render import GMAIL_CUT, Rendered, render
from tests import make
from tests.messages.conftest import Bought, buy

FILES = {f"{part}.liquid" for part in prose.PARTS}
#: Words that press, and that no mail of ours uses.
PRESSING = re.compile(
    r"今すぐ|お早めにご購入|残りわずか|見逃さない|act now|hurry|last chance|!!|！！", re.IGNORECASE
)


class Page(HTMLParser):
    """What a mail program would find in the HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.images: list[dict[str, str | None]] = []
        self.links: list[str] = []
        self.headings = 0
        self.text: list[str] = []
        self.scripts = 0
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "img":
            self.images.append(found)
        elif tag == "a":
            self.links.append(found.get("href") or "")
        elif tag == "h1":
            self.headings += 1
        elif tag in ("script", "form", "iframe", "object"):
            self.scripts += 1
        elif tag in ("style", "title"):
            self.hidden += 1

    def handle_endtag(self, tag: str) -> None:
        if tag in ("style", "title"):
            self.hidden -= 1

    def handle_data(self, data: str) -> None:
        if not self.hidden and data.strip():
            self.text.append(data.strip())


def read(made: Rendered) -> Page:
    page = Page()
    page.feed(made.html)
    return page


def world(session: Session, bought: Bought, kind: Kind) -> context.Mail:
    """A kind's mail about a real order, with everything the shop and its reader may have."""
    facts = gather(
        session,
        kind,
        order_id=bought.order_id,
        customer_id=bought.customer_id,
        subject_ids=bought.ids,
    )
    mail = context.build(session, facts, message_id=1, run_id=1)
    known = {"proof": Proof("4.6", 128, rewarded=True)}
    return replace(samples.complete(session, mail, facts), contact="佐藤", known=known)


Made = tuple[Kind, context.Mail, Rendered]


@pytest.fixture
def every(shop: make.MadeShop) -> list[Made]:
    """Every kind in every language, about real orders of a real shop."""
    made = []
    for language in LANGUAGES:
        bought = buy(shop, locale=language)
        with shop.work() as session, use_locale(language):
            for kind in kinds.all_kinds().values():
                mail = world(session, bought, kind)
                made.append((kind, mail, render(mail)))
    return made


def test_a_kind_has_all_its_files() -> None:
    for kind in kinds.all_kinds():
        for language in LANGUAGES:
            found = {path.name for path in (FOLDER / kind / language).iterdir()}
            assert found - {"line.json"} == FILES
        assert {"layout.mjml", "layout.txt", "kind.toml"} <= {
            path.name for path in (FOLDER / kind).iterdir()
        }


def test_every_kind_renders_and_keeps_the_rules(every: list[Made]) -> None:
    for kind, mail, made in every:
        page = read(made)
        assert len(made.html.encode()) < GMAIL_CUT
        assert (page.headings, page.scripts) == (1, 0)
        assert all(image.get("alt") for image in page.images)
        assert all(link.startswith(("https://", "mailto:", "tel:")) for link in page.links)
        assert not re.search(r"\{\{|\{%|%\}|\}\}|None\b", made.html + made.plain + made.subject)
        assert not PRESSING.search(made.html + made.plain)
        assert 'name="color-scheme"' in made.html
        assert "prefers-color-scheme: dark" in made.html
        # Nobody hears that a mail was opened by being asked for its letters.
        assert not re.search(r"@import|googleapis|<link\b", made.html)
        marketing = kind.message_class == MARKETING
        for part in (made.html, made.plain):
            # What the law asks for is on every mail (EM-2), in both parts.
            assert mail.brand.legal_name in part
            assert mail.brand.postal_address in part
            assert mail.brand.complaints_contact in part
            assert (mail.links["unsubscribe"] in part) == marketing


def test_what_a_kind_does_not_need_may_be_missing(every: list[Made]) -> None:
    for kind, mail, _made in every:
        bare = replace(
            mail,
            suggestions=mail.suggestions if "suggestions" in kind.needs else [],
            guide=mail.guide if "guide" in kind.needs else None,
            coupon=mail.coupon if "coupon" in kind.needs else None,
            contact="",
            known={},
            since="",
            years=0,
            months=0,
        )
        made = render(bare)
        assert not re.search(r"None\b|『』|「」|“”", made.plain + made.html)
        assert "  " not in made.subject


def test_both_parts_say_the_same(every: list[Made]) -> None:
    for kind, mail, made in every:
        for link in set(read(made).links):
            # Replying is the plain part's button, and a telephone number is its own.
            if not link.startswith(("mailto:", "tel:")):
                assert link in made.plain, (kind.name, link)
        assert mail.name.greeting in made.plain
        assert mail.name.greeting in made.html


def test_subjects_are_short_and_name_the_shop(every: list[Made]) -> None:
    for _kind, mail, made in every:
        opening = f"【{mail.brand.name}】" if mail.locale == "ja" else f"[{mail.brand.name}]"
        assert made.subject.startswith(opening)
        assert width(made.subject) <= 30, made.subject


def test_texts_name_only_what_is_filled(every: list[Made]) -> None:
    for kind, mail, _made in every:
        words = prose.proofread(kind.name, mail.locale, mail.liquid)
        # The greeting, and then two to four short paragraphs.
        assert 2 <= len(words.paragraphs) <= 5
        assert all(len(str(each)) < 400 for each in words.paragraphs)


def test_every_kind_can_be_previewed_before_the_first_order(app: Flask) -> None:
    shop = make.shop(settings={"logo_url": "https://cdn.example/logo.png", "line_url": ""})
    for language in LANGUAGES:
        with shop.work() as session, use_locale(language):
            for kind in kinds.all_kinds().values():
                made = render(samples.preview(session, kind, language))
                assert "None" not in made.plain
                assert "logo.png" in made.html


def test_lateness_is_bounded_and_marketing_is_ranked() -> None:
    for kind in kinds.all_kinds().values():
        assert timedelta(0) < kind.max_lateness <= timedelta(days=7)
    ladder = ["next-steps", "prepare", "replenish", "review", "feedback-faces", "loyalty-invite"]
    ladder += ["welcome-next", "cross-sell-accessory", "season", "win-back-miss"]
    ranks = [kinds.kind(name).priority for name in ladder]
    # The priority ladder of product.md, without a tie.
    assert ranks == sorted(set(ranks), reverse=True)
