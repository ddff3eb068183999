"""When a consumable runs out.

Priors per category, sub-linear in the quantity (rules.md ruling 5): someone with more of it uses
more of it. Three regular purchases of one person replace the prior.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from statistics import median

#: log(10/3) / log(5) = 0.748: one pound lasts three weeks, five pounds ten.
QUANTITY_EXPONENT = 0.75

#: What nobody has measured yet: order to door, 80 of 100 parcels.
USUAL_DELIVERY_DAYS = 4
#: Fewer parcels than this say nothing about a lane.
ENOUGH_PARCELS = 10

#: Days one ordinary pack lasts, most telling words first: a coffee filter is a filter.
PRIORS: tuple[tuple[int, re.Pattern[str]], ...] = (
    (
        90,
        re.compile(
            r"\b(shampoo|conditioner|razors?|blades?|filters?|toothbrush(?:es)?)\b"
            r"|シャンプー|コンディショナー|カミソリ|替刃|替え刃|フィルター|歯ブラシ",
            re.IGNORECASE,
        ),
    ),
    (
        60,
        re.compile(
            r"\b(skin ?care|serum|lotion|cream|soap|detergent|cleaning|cleaners?|pet treats?)\b"
            r"|スキンケア|化粧水|美容液|乳液|石鹸|洗剤|掃除|ペット.*おやつ",
            re.IGNORECASE,
        ),
    ),
    (
        30,
        re.compile(
            r"\b(coffee|tea|espresso|beans|vitamins?|supplements?|protein|pet food)\b"
            r"|コーヒー|珈琲|紅茶|緑茶|茶葉|ビタミン|サプリ|プロテイン|ペットフード|ドッグフード|キャットフード",
            re.IGNORECASE,
        ),
    ),
)
#: Things that stand beside a consumable and carry its name, but last.
DURABLE = re.compile(
    r"\b(makers?|grinders?|mills?|machines?|mugs?|cups?|drippers?|servers?|kettles?|pots?|shakers?"
    r"|dispensers?|stands?|cases?|gift cards?|subscriptions?)\b"
    r"|ミル|メーカー|マグ|カップ|ドリッパー|サーバー|ケトル|ポット|器具|シェイカー|ディスペンサー|ケース|ギフトカード",
    re.IGNORECASE,
)
CONSUMABLE_TAGS = frozenset({"consumable", "refill", "消耗品", "詰め替え", "詰替"})
NO_DATA_DAYS = 30

_SIZE = re.compile(
    r"(\d+(?:\.\d+)?)\s*(kg|g|lbs?|oz|ml|l|リットル|粒|錠|包|袋|個|capsules?|tablets?|pieces?|bags?)"
    r"(?![a-z])",
    re.IGNORECASE,
)
_GRAMS = {"kg": 1000.0, "g": 1.0, "lb": 453.6, "lbs": 453.6, "oz": 28.35}
_MILLILITRES = {"ml": 1.0, "l": 1000.0, "リットル": 1000.0}


@dataclass(frozen=True)
class Size:
    """How much is in a pack: `mass` in grams, `volume` in millilitres, or a `count`."""

    dimension: str
    amount: float


def prior_days(product_type: str, tags: Iterable[str], title: str, kind: str) -> int | None:
    """How long one ordinary pack of this product lasts; None when it is not used up."""
    tagged = {tag.strip().lower() for tag in tags}
    if DURABLE.search(product_type) or DURABLE.search(title):
        return None
    for text in (product_type, " ".join(sorted(tagged)), title):
        for days, words in PRIORS:
            if words.search(text):
                return days
    return NO_DATA_DAYS if tagged & CONSUMABLE_TAGS or kind == "consumable" else None


@lru_cache(maxsize=4096)
def size_of(text: str) -> Size | None:
    """The size a variant's title names: `200g`, `1 lb`, `60粒`."""
    match = _SIZE.search(text)
    if match is None:
        return None
    amount, unit = float(match[1]), match[2].lower()
    if unit in _GRAMS:
        return Size("mass", amount * _GRAMS[unit])
    if unit in _MILLILITRES:
        return Size("volume", amount * _MILLILITRES[unit])
    return Size("count", amount)


def packs(quantity: int, bought: str, siblings: Iterable[str]) -> float:
    """How many ordinary packs were bought, the smallest pack of the product being the ordinary
    one. Where titles name no sizes, a pack is a pack."""
    size = size_of(bought)
    if size is None or size.amount <= 0:
        return float(quantity)
    others = [found for title in siblings if (found := size_of(title))]
    same = [found.amount for found in others if found.dimension == size.dimension]
    return quantity * size.amount / min([*same, size.amount])


def lasts_days(days_per_pack: float, packs_bought: float) -> int:
    """How many days so many packs last."""
    return max(1, round(days_per_pack * math.pow(packs_bought, QUANTITY_EXPONENT)))


def run_out(start: date, days_per_pack: float, packs_bought: float) -> date:
    """The day on which what arrived on `start` is used up."""
    return start + timedelta(days=lasts_days(days_per_pack, packs_bought))


def personal_days(purchases: Sequence[tuple[datetime, float]]) -> float | None:
    """Days a pack lasts this person, from at least three purchases `(when, packs)`, oldest first;
    None while they are too few or too irregular (more than a third off their middle)."""
    spans = [
        (later - earlier).total_seconds() / 86_400 / math.pow(had, QUANTITY_EXPONENT)
        for (earlier, had), (later, _packs) in pairwise(purchases)
        if had > 0
    ]
    if len(spans) < 2:
        return None
    middle = median(spans)
    regular = middle > 0 and all(abs(span - middle) <= middle / 3 for span in spans)
    return middle if regular else None


def delivery_days(samples: Sequence[float]) -> int:
    """Whole days within which 80 of 100 parcels arrived, from days each one took."""
    if len(samples) < ENOUGH_PARCELS:
        return USUAL_DELIVERY_DAYS
    ranked = sorted(samples)
    return max(1, math.ceil(ranked[math.ceil(0.8 * len(ranked)) - 1]))
