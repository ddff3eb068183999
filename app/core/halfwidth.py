"""What people type in full-width letters by a Japanese keyboard, as machines write it."""

from __future__ import annotations

import unicodedata


def half_width(text: str) -> str:
    """Full-width letters, digits and signs as ASCII, without what stands around them:
    `ｈｅｌｌｏ＠ｈｉｎａｔａ．ｊｐ` is `hello@hinata.jp`. For addresses, numbers and codes, not for
    prose."""
    return unicodedata.normalize("NFKC", text).strip()
