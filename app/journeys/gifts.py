"""Whether an order is for someone else, by what was ordered. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

_GIFT = re.compile(r"gift|のし|熨斗|ギフト|贈", re.IGNORECASE)
_WRAPPING = re.compile(r"gift[- ]?wrap|ギフトラッピング|ギフト包装|のし|熨斗", re.IGNORECASE)
_NO = frozenset(
    {"", "no", "none", "false", "0", "off", "なし", "無し", "不要", "いいえ", "希望しない"}
)


def is_gift(attributes: Iterable[tuple[str, str]], titles: Iterable[str]) -> bool:
    """Whether an order is for someone else: a gift note or wrapping among its attributes, or a
    wrapping among its lines."""
    if any(_GIFT.search(key) and value.strip().lower() not in _NO for key, value in attributes):
        return True
    return any(map(_is_wrapping, titles))


@lru_cache(maxsize=1024)
def _is_wrapping(title: str) -> bool:
    """A shop's orders are about the same products."""
    return _WRAPPING.search(title) is not None
