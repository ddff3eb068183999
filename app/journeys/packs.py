"""What an order is worth and which pack sells it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

#: What a shop calls a high order, in minor units: product.md says $200 and ¥30,000; the others are
#: round sums of about that worth. An order in another currency is high by the top decile only.
HIGH_VALUE = {
    "JPY": 30_000,
    "KRW": 270_000,
    "USD": 20_000,
    "EUR": 18_000,
    "GBP": 16_000,
    "CHF": 18_000,
    "CAD": 27_000,
    "AUD": 30_000,
    "NZD": 33_000,
    "SGD": 27_000,
    "HKD": 150_000,
    "TWD": 640_000,
    "CNY": 140_000,
}

_PACKS = {
    "coach": re.compile(r"coach|mentor|session|consult|コーチ|セッション|相談|カウンセリング"),
    "course": re.compile(r"course|e-?learning|lesson|講座|コース|教材|レッスン|オンライン学習"),
    "service": re.compile(
        r"service|install|repair|clean|サービス|施術|工事|修理|制作|クリーニング"
    ),
}


def is_high(total_minor: int, currency: str) -> bool:
    """Whether an order is one of the shop's high ones."""
    least = HIGH_VALUE.get(currency)
    return least is not None and total_minor >= least


def pack_of(product_type: str, tags: Iterable[str]) -> str | None:
    """`coach`, `service` or `course` by a tag that names the pack (`okaeri:coach`), or by the
    product's type; None for everything else."""
    return _pack_of(product_type, tuple(tags))


@lru_cache(maxsize=4096)
def _pack_of(product_type: str, tags: tuple[str, ...]) -> str | None:
    named = {tag.casefold() for tag in tags}
    for pack in _PACKS:
        if f"okaeri:{pack}" in named:
            return pack
    lowered = product_type.casefold()
    return next((pack for pack, words in _PACKS.items() if words.search(lowered)), None)
