"""What counts as newer, what a status means, and how a product is used: pure decisions."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

# --- newer ---------------------------------------------------------------------------------------
# Shopify's `updated_at` has whole seconds, and an order is often created and paid within one. Of
# two payloads of the same second the one whose order has come further is the newer.

_MONEY = {
    "pending": 0,
    "authorized": 1,
    "partially_paid": 2,
    "expired": 2,
    "paid": 3,
    "voided": 4,
    "partially_refunded": 4,
    "refunded": 5,
}
_GOODS = {"partial": 1, "fulfilled": 2, "restocked": 3}
_PARCEL = {
    "label_purchased": 1,
    "label_printed": 1,
    "ready_for_pickup": 2,
    "confirmed": 2,
    "carrier_picked_up": 3,
    "in_transit": 3,
    "delayed": 4,
    "out_for_delivery": 5,
    "attempted_delivery": 6,
    "failure": 7,
    "delivered": 8,
}

Progress = tuple[int, ...]


def order_progress(
    financial: str | None, fulfillment: str | None, cancelled_at: datetime | None
) -> Progress:
    """How far an order has come; compare only within the same second."""
    return (
        int(cancelled_at is not None),
        _MONEY.get(financial or "pending", 0),
        _GOODS.get(fulfillment or "", 0),
    )


def fulfillment_progress(
    status: str, shipment_status: str | None, tracking_number: str | None
) -> Progress:
    """How far a fulfillment has come; compare only within the same second."""
    return (
        int(status == "cancelled"),
        _PARCEL.get(shipment_status or "", 0),
        int(bool(tracking_number)),
    )


def newer(
    moment: datetime, progress: Progress, known: datetime | None, known_progress: Progress
) -> bool:
    """Whether a payload of `moment` says something newer than what was applied before."""
    return known is None or (moment, progress) > (known, known_progress)


# --- statuses -----------------------------------------------------------------------------------

AWAITING = frozenset({"pending", "partially_paid"})
PAID = frozenset({"paid", "partially_refunded", "refunded"})
REFUNDED = frozenset({"partially_refunded", "refunded"})


#: Ways to pay the carrier at the door, by the names Shopify and Japan's apps give them.
_AT_THE_DOOR = re.compile(
    r"cash[\s_-]*on[\s_-]*delivery|(?<![a-z])cod(?![a-z])|代金引換|代引", re.IGNORECASE
)


def is_paid_on_delivery(ways_to_pay: Iterable[str]) -> bool:
    """Whether the carrier collects the money when it hands the parcel over (代金引換)."""
    return any(_AT_THE_DOOR.search(unicodedata.normalize("NFKC", one)) for one in ways_to_pay)


def merged_financial(before: str | None, after: str | None) -> str:
    """The status to keep: a refund never becomes undone, whatever a late payload says."""
    wanted = after or before or "pending"
    if before == "refunded" or (before == "partially_refunded" and wanted != "refunded"):
        return before
    return wanted


def refund_of(
    quantities: Iterable[tuple[int, int]], financial: str, *, refunded: bool
) -> Literal["none", "part", "full"]:
    """How much of an order went back. `quantities` are (bought, left) of its lines."""
    if financial == "refunded":
        return "full"
    if not refunded and financial != "partially_refunded":
        return "none"
    lines = list(quantities)
    return "full" if lines and all(left <= 0 for _, left in lines) else "part"


def consent_word(state: str) -> bool | None:
    """What an e-mail marketing state says of the person's decision: True is consent, False its
    withdrawal, None no decision."""
    if state == "subscribed":
        return True
    return False if state in {"unsubscribed", "redacted", "invalid"} else None


def consent_change(before: str, after: str) -> bool | None:
    """The change to announce: granted or not; None when the person's decision is the same."""
    old, new = consent_word(before), consent_word(after)
    if old == new:
        return None
    return False if new is None else new


# --- people -------------------------------------------------------------------------------------

#: What shops call the attribute in which a customer tells the birthday.
BIRTHDAY = frozenset({"birthday", "date of birth", "誕生日", "お誕生日", "生年月日"})
_YEAR = re.compile(r"^\s*\d{4}\s*[-/.年]\s*|\s*[-/.,]\s*\d{4}\s*$")


def without_birth_year(attributes: dict[str, Any]) -> dict[str, Any]:
    """An order's attributes; of a birthday the day is kept and never the year (C13)."""
    return {
        name: _YEAR.sub("", str(value)) if value and name.casefold() in BIRTHDAY else value
        for name, value in attributes.items()
    }


# --- returns ------------------------------------------------------------------------------------

_RETURNED = {"requested": 0, "open": 1, "closed": 2, "declined": 3, "canceled": 4}


def return_progress(status: str) -> Progress:
    """How far a return has come; compare only within the same second."""
    return (_RETURNED.get(status, 0),)


def kept(bought: int, said: int, returned: int) -> int:
    """What of a line its buyer keeps: the payload's word, or less where more goes back. A refund
    of what is returned takes nothing away a second time."""
    return max(0, min(said, bought - returned))


# --- products -----------------------------------------------------------------------------------

Kind = Literal["consumable", "fast", "complex", "long_cycle", "digital", "gift", "standard"]
KINDS: tuple[Kind, ...] = get_args(Kind)

#: Words that tell how a product is used, the most telling kind first: "coffee grinder" is a
#: machine and "coffee mug" a cup before either is coffee. They are guesses, in lower case.
WORDS: dict[Kind, str] = {
    "digital": "digital, download, e-book, ebook, online course, software, gift card, e-gift, "
    "デジタル, ダウンロード, 電子書籍, オンライン講座, ソフトウェア, 電子ギフト",
    "gift": "gift, gift set, ギフト, 贈り物, 贈答, プレゼント, 熨斗, のし",
    "fast": "fresh, bakery, bread, cake, pastry, flower, bouquet, fruit, vegetable, "
    "生鮮, 食パン, ベーカリー, ケーキ, 和菓子, 洋菓子, 花束, 果物, 野菜, スイーツ",
    "complex": "machine, grinder, maker, camera, appliance, fitness, skincare, device, complex, "
    "マシン, メーカー, グラインダー, コーヒーミル, カメラ, 家電, 美容機器, スキンケア",
    "standard": "mug, cup, glass, dripper, pot, plate, マグ, グラス, ドリッパー, ポット, 皿",
    "consumable": "coffee, coffee bean, bean, tea, vitamin, supplement, protein, shampoo, soap, "
    "refill, detergent, cosmetic, filter, razor, pet food, snack, honey, syrup, "
    "コーヒー, 珈琲, ブレンド, 紅茶, 緑茶, お茶, ビタミン, サプリ, プロテイン, シャンプー, "
    "石鹸, 石けん, 詰め替え, 洗剤, 化粧水, 化粧品, フィルター, ペットフード, はちみつ, シロップ, "
    "消耗品",
    "long_cycle": "mattress, furniture, sofa, chair, knife, watch, shoe, bag, "
    "マットレス, 家具, ソファ, 椅子, 包丁, 時計, 靴, シューズ, 鞄, バッグ",
}


@dataclass(frozen=True)
class Guess:
    """How a product is used, and what says so: `where` is `shipping`, `type`, `tags`, `title` or
    `nothing`, `word` the word found there."""

    kind: Kind
    where: str
    word: str = ""

    @property
    def reason(self) -> str:
        """The guess's reason as it is kept: `type:coffee`."""
        return f"{self.where}:{self.word}"[:80] if self.word else self.where


def guess_kind(
    product_type: str, tags: Iterable[str], title: str, *, requires_shipping: bool = True
) -> Guess:
    """How a product is used, guessed from its type first, then its tags, then its title; what is
    not shipped is digital, and what says nothing is `standard`."""
    if not requires_shipping:
        return Guess("digital", "shipping")
    for where, text in (("type", product_type), ("tags", " ".join(tags)), ("title", title)):
        lowered = text.casefold()
        for kind, words in WORDS.items():
            for word in words.split(", "):
                if _has(lowered, word):
                    return Guess(kind, where, word)
    return Guess("standard", "nothing")


def product_kind(
    product_type: str, tags: Iterable[str], title: str, *, requires_shipping: bool = True
) -> Kind:
    """The guessed kind alone."""
    return guess_kind(product_type, tags, title, requires_shipping=requires_shipping).kind


def _has(text: str, word: str) -> bool:
    """Whole words in English ("tea" is not in "steak", plurals count), parts in Japanese."""
    if not word.isascii():
        return word in text
    spaced = f" {''.join(c if c.isalnum() else ' ' for c in text)} "
    plain = "".join(c if c.isalnum() else " " for c in word)
    return f" {plain} " in spaced or f" {plain}s " in spaced


def split_tags(tags: str | list[str]) -> list[str]:
    """Tags as Shopify's webhooks write them (one text with commas) or its API (a list)."""
    parts = tags.split(",") if isinstance(tags, str) else tags
    return [tag for part in parts if (tag := part.strip())]
