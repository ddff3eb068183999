"""Pure decisions of the look-up: what somebody typed, and whether it proves whose order it is."""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass

from app.core.phones import e164, narrow

#: What is longer is nobody's order number or address.
LONGEST = 120
#: Names that share the digits of one number (`A1001`, `B1001`); more are not looked at.
MOST = 8


@dataclass(frozen=True)
class Known:
    """What an order can be proved by. Empty texts prove nothing."""

    order_id: int
    name: str
    emails: tuple[str, ...]
    phones: tuple[str, ...]
    postal_code: str
    country: str


#: Compared when no order has the number, so that a miss takes as long as a wrong answer. It can
#: never be found: its address is one that mail cannot have.
NOBODY = Known(0, "", ("nobody@invalid", ""), ("+810000000000", ""), "0000000", "JP")


def order_key(text: str) -> str:
    """An order's name without what people leave out or add: `＃１００１` and `#1001` are `1001`."""
    return "".join(sign for sign in narrow(text) if sign.isalnum()).upper()


def digits(text: str) -> str:
    """The ASCII digits of an order's name, by which orders are found."""
    return re.sub("[^0-9]", "", narrow(text))


def email_key(text: str) -> str:
    """An address as it is compared: narrow, without spaces, small letters."""
    return "".join(narrow(text).split()).casefold()


def postal_key(text: str, country: str) -> str:
    """A postal code without signs: `〒150-0001` is `1500001`; of a US one the first five count."""
    plain = "".join(sign for sign in narrow(text) if sign.isascii() and sign.isalnum()).upper()
    return plain[:5] if country == "US" and len(plain) == 9 else plain


def proved(found: Iterable[Known], order: str, contact: str, home: str) -> int | None:
    """The id of the order that both typed texts fit; None for everything else. Every candidate is
    compared in full whatever came before, and there is always one to compare with. `home` is the
    shop's country."""
    key, whose = order_key(order[:LONGEST]), contact[:LONGEST]
    candidates = list(found) or [NOBODY]
    right = [one for one in candidates if _fits(one, key) & _knows(one, whose, home)]
    # Two orders of one name that the same person owns cannot be told apart: neither is shown.
    return right[0].order_id if len(right) == 1 and right[0] is not NOBODY else None


def _fits(one: Known, key: str) -> bool:
    """Whether an order's name is what was typed; who types digits only may leave out the rest."""
    return _same(order_key(one.name), key) | _same(digits(one.name), key)


def _knows(one: Known, typed: str, home: str) -> bool:
    country = one.country or home
    checks = [
        *(_same(email_key(email), email_key(typed)) for email in one.emails),
        # A number typed without its country is the shop's country's, or the delivery's.
        *(
            _same(e164(phone, country), e164(typed, region))
            for phone in one.phones
            for region in (country, home)
        ),
        _same(postal_key(one.postal_code, country), postal_key(typed, country)),
    ]
    return any(checks)


def _same(known: str, typed: str) -> bool:
    """Equal and not empty, in a time that does not tell how much is equal."""
    equal = hmac.compare_digest(known.encode(), typed.encode())
    return equal and bool(known)
