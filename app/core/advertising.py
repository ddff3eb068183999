"""What makes a text about an order an advertisement (rules.md EM-3): the words, and how much of it
such a text may hold."""

from __future__ import annotations

import re
import unicodedata

#: Our own safe share of a letter's characters.
MOST_SHARE = 0.2
WORDS = re.compile(
    r"セール|割引|値引|クーポン|[%％]\s*(?:OFF|オフ)|円\s*(?:OFF|オフ)|お得|特典|キャンペーン|半額"
    r"|プレゼント|限定(?:商品|品|価格|販売)|おすすめ商品|新商品|新発売|ポイント\s*[0-9０-９]+\s*倍"
    r"|ボーナスポイント|まとめ買い|\b(?:sale|discount|coupon|promo(?:tion)?|voucher|bargain)s?\b"
    r"|%\s*off\b|\b(?:special|exclusive|limited)\s+(?:offer|deal|price)s?\b|\bbuy\s+(?:now|one)\b"
    r"|\bnew\s+arrivals?\b|\byou\s+may\s+also\s+like\b|\bbonus\s+points?\b|\bfree\s+gift\b",
    re.IGNORECASE,
)


def words_of(text: str) -> str:
    """The words of a text that advertise, however wide their letters are and whatever stands
    between them unseen; empty when none do."""
    plain = unicodedata.normalize("NFKC", text)
    found = WORDS.search("".join(sign for sign in plain if unicodedata.category(sign) != "Cf"))
    return found[0] if found else ""
