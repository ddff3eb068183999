"""What nobody can promise (RV-11), and links that mail programs and readers distrust."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.core.locale import gettext as _
from app.messages.lint.case import WARN, Case, Finding, sources, spoken

_EFFECT = (
    r"(?:痩せ|やせ|治|効(?!率)|改善|よくな|良くな|若返|消え|きれいにな|綺麗にな|キレイにな|美しくな"
    r"|生え|なくな|落ち|減り|成功|満足)"
)
#: Effects that are said to be certain. 「必ずお読みください」 and 「綿100％」 promise nothing.
CERTAIN = re.compile(
    rf"(?:必ず|確実に|誰でも|だれでも|永久に)\s*{_EFFECT}"
    r"|絶対に?\s*(?![^。\n]{0,20}(?:ないで|ません|しない))(?=\w)"
    rf"|(?:100|１００)\s*[%％]\s*(?:の?\s*(?:効果|安全|安心|保証|返金)|(?:必ず)?{_EFFECT})"
    r"|(?:効果|結果|効き目)を?\s*(?:保証|お?約束)|副作用\S{0,4}(?:一切|全く|まったく|ゼロ|なし|ありません)"
    r"|\b(?:100\s*%|completely|fully) (?:guaranteed|effective|safe|satisfaction)\b"
    r"|\bguaranteed (?:to|results?|effects?|weight)\b|\bguarantees? (?:results?|weight)\b"
    r"|\bmiracle (?:cure|results?)\b|\bno side effects\b|\b(?:always|never fails to) works?\b"
    r"|\b(?:you|it) will (?:definitely|certainly|surely) (?:lose|cure|heal|improve|work)\b",
    re.IGNORECASE,
)
PLAIN_HTTP = re.compile(r"\bhttp://[^\s\"'<>]+", re.IGNORECASE)
#: Services that hide where a link leads. LINE's own short addresses (lin.ee) are not among them.
SHORTENED = re.compile(
    r"(?<![\w.-])(?:bit\.ly|t\.co|tinyurl\.com|goo\.gl|ow\.ly|is\.gd|v\.gd|buff\.ly|rebrand\.ly"
    r"|cutt\.ly|t\.ly|shorturl\.at|rb\.gy|x\.gd|ux\.nu|tiny\.cc|urx\d?\.(?:nu|blue)|00m\.in)/\w+",
    re.IGNORECASE,
)


def certain(case: Case) -> Iterator[Finding]:
    """Effects that are promised: the laws on medicines and on advertising forbid what cannot be
    shown to be true for everybody."""
    for block, field, text in sources(case):
        if found := CERTAIN.search(spoken(text)):
            why = _(
                "“%(words)s” promises an effect for certain; the laws on medicines (薬機法) and on "
                "misleading advertising (景品表示法) may forbid that.",
                words=found[0].strip(),
            )
            help_ = _("Say what can be shown, without a promise.")
            yield Finding("RV-11", WARN, why, help_, block, field)


def links(case: Case) -> Iterator[Finding]:
    """Links that lead openly and safely to where they say."""
    for block, field, text in _linking(case):
        if found := SHORTENED.search(text):
            why = _("“%(link)s” hides where it leads; spam filters distrust that.", link=found[0])
            yield Finding("LK-1", WARN, why, _("Write the whole address."), block, field)
        if found := PLAIN_HTTP.search(text):
            why = _("“%(link)s” is not encrypted; browsers warn of it.", link=found[0])
            help_ = _("Write a web address that begins with https://.")
            yield Finding("LK-1", WARN, why, help_, block, field)


def _linking(case: Case) -> Iterator[tuple[int | None, str, str]]:
    """Every text that may hold a link, and the fields that are one."""
    yield from sources(case)
    for number, block in enumerate(case.content.blocks):
        for field in ("url", "link"):
            if address := getattr(block, field, ""):
                yield number, field, address
