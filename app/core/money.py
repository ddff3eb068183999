"""Money: integers of minor units with a currency."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from babel.numbers import format_currency, get_currency_name, get_currency_precision


@dataclass(frozen=True, order=True)
class Money:
    """An amount in minor units (yen for JPY, cents for USD) of an ISO 4217 currency."""

    minor: int
    currency: str

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def __mul__(self, count: int) -> Money:
        return Money(self.minor * count, self.currency)

    def less_percent(self, percent: int) -> Money:
        """This amount with `percent` (0–100) taken off, rounded half up to a minor unit."""
        kept = Decimal(self.minor) * (100 - percent) / 100
        return Money(int(kept.quantize(Decimal(1), ROUND_HALF_UP)), self.currency)

    @property
    def decimal(self) -> Decimal:
        """The amount in major units."""
        return Decimal(self.minor).scaleb(-get_currency_precision(self.currency))

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise ValueError(f"cannot mix {self.currency} and {other.currency}")


def parse_money(amount: str, currency: str) -> Money:
    """Money from Shopify's decimal strings ("19.80"); raises ValueError on anything else."""
    try:
        major = Decimal(amount)
    except ArithmeticError as error:
        raise ValueError(f"not an amount: {amount!r}") from error
    if not major.is_finite():
        raise ValueError(f"not an amount: {amount!r}")
    minor = major.scaleb(get_currency_precision(currency)).quantize(Decimal(1), ROUND_HALF_UP)
    return Money(int(minor), currency)


@lru_cache(maxsize=2048)
def show_money(money: Money, locale: str) -> str:
    """The amount as people of `locale` write it: `¥1,980`, `$19.80`."""
    # Babel's Japanese pattern uses the full-width yen sign; shops and rules.md 2.6 use "¥".
    return format_currency(money.decimal, money.currency, locale=locale).replace("￥", "¥")


def name_currency(currency: str, locale: str) -> str:
    """A currency as a form's label says it: `円` in Japanese, the code in English, where it is what
    people read beside a field."""
    return get_currency_name(currency, count=1, locale=locale) if locale == "ja" else currency
