"""Addresses as Shopify writes them out."""

from __future__ import annotations

import re
from typing import Any

Document = dict[str, Any]

#: In the order of ISO 3166-2:JP, so that the place in the list is the code.
PREFECTURES = (
    "北海道", "青森県", "岩手県", "宮城県", "秋田県", "山形県", "福島県", "茨城県", "栃木県",
    "群馬県", "埼玉県", "千葉県", "東京都", "神奈川県", "新潟県", "富山県", "石川県", "福井県",
    "山梨県", "長野県", "岐阜県", "静岡県", "愛知県", "三重県", "滋賀県", "京都府", "大阪府",
    "兵庫県", "奈良県", "和歌山県", "鳥取県", "島根県", "岡山県", "広島県", "山口県", "徳島県",
    "香川県", "愛媛県", "高知県", "福岡県", "佐賀県", "長崎県", "熊本県", "大分県", "宮崎県",
    "鹿児島県", "沖縄県",
)  # fmt: skip
COUNTRIES = {"JP": "Japan", "US": "United States", "CA": "Canada", "GB": "United Kingdom"}
#: Addresses to fill the checkout with, for trying what becomes of mistakes.
SAMPLES = {
    "right": {"zip": "150-0001", "address1": "神宮前1-2-3", "address2": ""},
    "zip": {"zip": "530-0001", "address1": "神宮前1-2-3", "address2": ""},
    "number": {"zip": "150-0001", "address1": "神宮前", "address2": ""},
    "room": {"zip": "150-0001", "address1": "神宮前一ノ二ノ三", "address2": "メゾン神宮"},
}
SAMPLE = {
    "last_name": "山田", "first_name": "花子", "province": "東京都", "city": "渋谷区",
    "phone": "03-5555-0101",
}  # fmt: skip
#: What Shopify takes for a postal code of Japan.
JAPANESE_ZIP = re.compile(r"\d{3}-?\d{4}")
FIELDS = ("first_name", "last_name", "company", "address1", "address2", "city", "province", "zip")


def full_address(given: Document | None) -> Document | None:
    """An address with every key Shopify gives it; None when nothing was given."""
    if not given or not any(given.get(name) for name in FIELDS):
        return None
    country = (given.get("country_code") or given.get("country") or "JP").upper()
    address: Document = {name: (given.get(name) or "").strip() or None for name in FIELDS}
    province = address["province"]
    return {
        **address,
        "name": " ".join(filter(None, (address["first_name"], address["last_name"]))) or None,
        "phone": given.get("phone") or None,
        "country": COUNTRIES.get(country, country),
        "country_code": country,
        "province_code": _province_code(country, province),
        "latitude": None,
        "longitude": None,
    }


def province_of(code: str | None) -> str | None:
    """A province by its code; those outside Japan are written as their codes."""
    if not code or not code.startswith("JP-"):
        return code
    number = int(code.removeprefix("JP-"))
    return PREFECTURES[number - 1] if 1 <= number <= len(PREFECTURES) else None


def _province_code(country: str, province: str | None) -> str | None:
    if country == "JP" and province in PREFECTURES:
        return f"JP-{PREFECTURES.index(province) + 1:02}"
    return province
