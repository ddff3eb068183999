"""Carriers: their numbers, their tracking pages, what their scans say. Pure."""

from __future__ import annotations

import secrets

URLS = {
    "Yamato": "https://toi.kuronekoyamato.co.jp/cgi-bin/tneko?number01={number}",
    "Sagawa": "https://k2k.sagawa-exp.co.jp/p/web/okurijosearch.do?okurijoNo={number}",
    "Japan Post": (
        "https://trackings.post.japanpost.jp/services/srv/search/direct"
        "?reqCodeNo1={number}&searchKind=S002&locale=ja"
    ),
    "UPS": "https://www.ups.com/track?tracknum={number}",
    "USPS": "https://tools.usps.com/go/TrackConfirmAction?tLabels={number}",
}
#: What UPS writes its numbers in.
SIGNS = "0123456789ABCDEFGHJKLMNPRSTUVWXYZ"
COMPANIES = {
    "JP": ("Yamato (JA)", "Sagawa (JA)", "Japan Post (JA)"),
    "US": ("USPS", "UPS"),
}
#: What a scan says, Japanese and English.
MESSAGES = {
    "carrier_picked_up": ("荷物を受け付けました", "Package accepted by the carrier"),
    "in_transit": ("輸送中です", "In transit to the next facility"),
    "out_for_delivery": ("配達に出発しました", "Out for delivery"),
    "attempted_delivery": ("ご不在のため持ち戻りました", "Delivery attempted: no one was in"),
    "delayed": ("天候の影響でお届けに遅れが出ています", "Delayed by the weather"),
    "delivered": ("配達を完了しました", "Delivered"),
}


def make_number(company: str) -> str:
    """A number such as the carrier gives out."""
    if company.startswith("UPS"):
        return "1Z" + "".join(secrets.choice(SIGNS) for _ in range(16))
    if company.startswith("USPS"):
        return "9400" + "".join(secrets.choice("0123456789") for _ in range(18))
    digits = secrets.choice("123456789") + "".join(secrets.choice("0123456789") for _ in range(10))
    return f"{digits}{int(digits) % 7}"


def track_url(company: str, number: str) -> str | None:
    """The carrier's page for a number; None for a carrier nobody knows."""
    known = next((url for name, url in URLS.items() if company.startswith(name)), None)
    return known and known.format(number=number)


def message(status: str, locale: str) -> str | None:
    """What the scan says in the shop's language."""
    told = MESSAGES.get(status)
    return told and told[0 if locale == "ja" else 1]
