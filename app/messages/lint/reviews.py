"""Review law (RV-1 to RV-5): everybody is asked alike, and nothing is given for a good word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from app.core.locale import gettext as _
from app.messages.lint.case import BLOCK, Case, Finding, sources, spoken, written
from app.messages.texts import blocks as typed
from app.messages.texts.blocks import Block

_REVIEW = re.compile(r"レビュー|口コミ|クチコミ|ご感想|ご投稿|\breviews?\b|\brat(?:e|ing)\b", re.I)
#: Asking only those who are content.
GATING = re.compile(
    r"(?:ご?満足|気に入って)(?:いただけ|頂け|いただい|頂い|して)[^。\n]{0,12}(?:方|かた|お客様|場合|なら|たら|ましたら)"
    r"|(?:良か|よか)った(?:方|場合|と思われた)|ご不満[^。\n]{0,20}レビュー[^。\n]{0,12}(?:控え|ご遠慮)"
    r"|\bif you(?:'re| are|’re)? (?:happy|satisfied|pleased|content)\b"
    r"|\bif you (?:loved?|liked?|enjoy(?:ed)?) (?:it|this|that|your|the|our|us|what)\b"
    r"|\bonly if you\b|\bhappy customers?\b"
    r"|\bif you(?:'re| are|’re) (?:not|un)\s?(?:happy|satisfied)"
    r"[^.\n]{0,60}instead of",
    re.IGNORECASE,
)
#: Asking for, or paying for, a good one (RV-3).
FAVOURABLE = re.compile(
    r"高評価|好評価|良い(?:評価|レビュー|口コミ)|よい(?:評価|レビュー|口コミ)"
    r"|(?:★|☆|星)\s*[45４５五]|[45４５五]\s*つ?星|星[45４５五]つ|★{4,5}(?!☆)"
    r"|\b(?:4|5|four|five)[\s-]?stars?\b|\bpositive\b"
    r"|\b(?:good|great|favou?rable|top) (?:review|rating)",
    re.IGNORECASE,
)
REWARD = re.compile(
    r"ポイント|クーポン|特典|プレゼント|進呈|割引|円分|\bpoints?\b|\bcoupons?\b|\breward|\bdiscount"
    r"|\bgift\b|\bvoucher|\b% off\b",
    re.IGNORECASE,
)
#: That the reward does not hang on what is said, and that it will be shown.
HONEST = re.compile(
    r"(?:評価|内容|点数|星の数)(?:の内容)?(?:に|を)(?:かかわらず|関わらず|問わず|関係なく)"
    r"|\b(?:whatever|regardless of|no matter) (?:your |the |its |which |what )?"
    r"(?:rating|stars?|you say)",
    re.IGNORECASE,
)
DISCLOSED = re.compile(
    r"進呈(?:のうえ|した旨)|(?:ポイント|クーポン|特典)[^。\n]{0,20}(?:表示|明記|記載)"
    r"|\breceived a reward|\b(?:shown|marked|labelled|labeled|disclosed)\b",
    re.IGNORECASE,
)
ELSEWHERE = re.compile(r"google|グーグル|trustpilot|yelp|食べログ|tripadvisor", re.IGNORECASE)
#: Where others keep reviews, by the address of a link.
_THEIRS = re.compile(
    r"google\.[a-z.]+/(?:local|maps|shopping)|g\.page|goo\.gl|trustpilot|yelp\.|tabelog|tripadvisor",
    re.IGNORECASE,
)
#: Addresses in a text, whether they are a link's or stand there by themselves.
_ADDRESS = re.compile(r"""href\s*=\s*["']?([^"'\s>]*)|(https?://[^"'\s<>]+)""", re.IGNORECASE)


def asks_for_review(case: Case) -> bool:
    """Whether the message asks for a public review."""
    return (
        any(map(_asks, case.content.blocks))
        or case.topic == "reviews"
        or bool(_REVIEW.search(_everything(case)))
    )


def asked_elsewhere(case: Case) -> Iterator[Finding]:
    """Who gets a request for a review hangs on nobody's answers (RV-1); who gets any other message
    may. So no other message asks for one."""
    if case.topic == "reviews":
        return
    for number, block in enumerate(case.content.blocks):
        if (case.is_marketing and _asks(block)) or _leads_to_reviews(block):
            why = _("This asks for a review, in a message that need not go to everybody.")
            help_ = _("Ask in the messages of the review request only: they go to all alike.")
            yield Finding("RV-1", BLOCK, why, help_, number, "")


def _asks(block: Block) -> bool:
    leads = isinstance(block, typed.Button) and block.target == "review"
    return leads or block.type == "stars"


def _leads_to_reviews(block: Block) -> bool:
    return any(map(_THEIRS.search, _links(block)))


def _links(block: Block) -> list[str]:
    """Where a block leads, apart from the message's own pages."""
    found = [a or b for _field, text in written(block) for a, b in _ADDRESS.findall(unescape(text))]
    if isinstance(block, typed.Picture):
        return [*found, block.link]
    if isinstance(block, typed.Button) and block.target == "url":
        return [*found, block.url]
    return found


def gating(case: Case) -> Iterator[Finding]:
    """Nobody is asked because they are content (RV-1), and no rating is wished for (RV-3)."""
    if not asks_for_review(case):
        return
    for block, field, text in sources(case):
        said = spoken(text)
        if found := GATING.search(said):
            why = _("“%(words)s” asks only those who are content for a review.", words=found[0])
            help_ = _("Ask everybody alike, with the same words.")
            yield Finding("RV-1", BLOCK, why, help_, block, field)
        if found := FAVOURABLE.search(said):
            why = _("“%(words)s” asks for a good rating.", words=found[0])
            help_ = _("Ask for an honest opinion, whatever it is.")
            yield Finding("RV-3", BLOCK, why, help_, block, field)


def rewards(case: Case) -> Iterator[Finding]:
    """A reward is for any rating, says so, is disclosed, and is never for somebody else's site."""
    text = _everything(case)
    coupon = next((n for n, b in enumerate(case.content.blocks) if b.type == "coupon"), None)
    if not asks_for_review(case) or (coupon is None and not REWARD.search(text)):
        return
    if ELSEWHERE.search(text) or _leads_elsewhere(case):
        why = _("A reward for a review on somebody else's site is not allowed.")
        help_ = _("Take out the reward, or ask for the review on your own store.")
        yield Finding("RV-5", BLOCK, why, help_, coupon, "")
    if not HONEST.search(text):
        why = _("It does not say that the reward is given whatever the rating.")
        help_ = _("Add for example: “You receive it whatever your rating.”")
        yield Finding("RV-3", BLOCK, why, help_, coupon, "")
    if not DISCLOSED.search(text):
        why = _("It does not say that the review will show that a reward was given.")
        help_ = _("Add for example: “Your review is marked as rewarded.”")
        yield Finding("RV-4", BLOCK, why, help_, coupon, "")


def _everything(case: Case) -> str:
    return "\n".join(spoken(text) for _block, _field, text in sources(case))


def _leads_elsewhere(case: Case) -> bool:
    links = [link for block in case.content.blocks for link in _links(block)]
    return any(ELSEWHERE.search(link) or _THEIRS.search(link) for link in links)
