"""A mail of a shop that does not exist, with everything a mail can show: for looking at what is
shipped before any shop has it. Nothing is read from a database."""

from __future__ import annotations

from datetime import date, timedelta

from babel.dates import format_date

from app.core.locale import gettext as _
from app.core.locale import show_date, show_range
from app.core.money import Money, show_money
from app.messages import mail_links
from app.messages.colors import palette
from app.messages.context import Item, Mail, Shipment
from app.messages.extras import Coupon, Points, Suggested
from app.messages.kinds import MARKETING, Kind
from app.messages.names import address_person
from app.messages.samples import LASTS, ORDER_NAME, PARCEL, YEAR, own_text_to_come
from app.shops.service import Brand
from app.surveys import queries as surveys

STORE = "https://shop.example"
#: Words of the languages themselves, as a shop would have written them.
SAMPLES = {
    "ja": {
        "shop": "見本商店",
        "first": "太郎",
        "last": "山田",
        "product": "見本の商品",
        "address": "〒100-0001 東京都千代田区千代田1-1",
    },
    "en": {
        "shop": "The Sample Shop",
        "first": "Sarah",
        "last": "Johnson",
        "product": "A sample product",
        "address": "1 Sample Street, London",
    },
}


def mail(kind: Kind, locale: str, today: date) -> Mail:
    """The mail of a kind. The language of the block around it must be the same."""
    said = SAMPLES[locale]
    price = show_money(Money(1_980, "JPY" if locale == "ja" else "USD"), locale)
    item = Item(said["product"], said["product"], "", 1, price, "")
    days = show_range(today + timedelta(days=2), today + timedelta(days=4), locale)
    carrier, number = PARCEL[locale]
    return Mail(
        kind=kind.name,
        locale=locale,
        marketing=kind.message_class == MARKETING,
        brand=_brand(said),
        palette=palette(""),
        name=address_person(said["first"], said["last"], locale),
        reply_to="help@shop.example",
        line_url="",
        line_note="",
        line_news=lambda: False,
        links=dict.fromkeys([*mail_links.PATHS, "booking", "course", "feedback", "loyalty"], STORE),
        order_name=ORDER_NAME,
        order_date=show_date(today, locale),
        total=price,
        items=[item],
        item=item,
        days=lambda: days,
        shipment=Shipment(carrier, number, STORE, days),
        guide=own_text_to_come() if "guide" in kind.needs else None,
        run_out=show_date(today + LASTS, locale, weekday=False),
        suggestions=[
            Suggested(item.title, item.short, price, "", STORE, _("The reason stands here."))
        ],
        contact=said["last"],
        coupon=Coupon("THANKS10", 10),
        points=Points(340, 160, _("Free shipping"), _("Silver")),
        known={"gift": _("Free shipping on your next order")},
        since=format_date(today - YEAR, "long", locale=locale),
        years=1,
        subscription=(format_date(today - YEAR, "long", locale=locale), 1),
        months=6,
        survey=surveys.shipped(kind.asks, locale) if kind.asks else None,
    )


def _brand(said: dict[str, str]) -> Brand:
    return Brand(
        name=said["shop"],
        storefront_url=STORE,
        logo_url="",
        color="",
        font="",
        support_email="help@shop.example",
        support_phone="",
        support_hours="",
        legal_name=said["shop"],
        postal_address=said["address"],
        legal_url=f"{STORE}/legal",
        complaints_contact="help@shop.example",
    )
