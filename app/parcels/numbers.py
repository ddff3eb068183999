"""Tracking numbers: how they are written, and the check digits that carriers put in. Pure.

A check that fails is a hint to look again, never a reason to refuse: carriers change their ranges
without telling anybody.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from itertools import cycle


def normalise(number: str) -> str:
    """A number as carriers store it: half-width, upper case, letters and digits only."""
    narrow = unicodedata.normalize("NFKC", number)
    return "".join(sign for sign in narrow if sign.isalnum()).upper()


def group(plain: str, sizes: Iterable[int], joint: str) -> str:
    """`plain` cut into parts as the carrier prints it."""
    parts, start = [], 0
    for size in sizes:
        parts.append(plain[start : start + size])
        start += size
    return joint.join(parts)


def mod7(plain: str) -> bool:
    """Japanese parcels and DHL Express: the last digit is the rest of all before it by 7."""
    return int(plain[:-1]) % 7 == int(plain[-1])


def s10(plain: str) -> bool:
    """The post's international numbers (UPU S10), as `EE123456785JP`."""
    digits = plain[2:-2]
    rest = 11 - _weighed(digits[:-1], (8, 6, 4, 2, 3, 5, 9, 7)) % 11
    return {10: 0, 11: 5}.get(rest, rest) == int(digits[-1])


def ups(plain: str) -> bool:
    """UPS's `1Z` and sixteen signs, letters counting from A = 2."""
    values = [int(sign) if sign.isdigit() else (ord(sign) - 63) % 10 for sign in plain[2:]]
    rest = (sum(values[0:15:2]) + 2 * sum(values[1:15:2])) % 10
    return (10 - rest) % 10 == values[15]


def fedex(plain: str) -> bool:
    """FedEx's twelve digits."""
    return _weighed(plain[:-1], (3, 1, 7)) % 11 % 10 == int(plain[-1])


def mod10(plain: str) -> bool:
    """USPS: threes and ones from the right, as in GS1's codes."""
    return (10 - _weighed(plain[-2::-1], (3, 1)) % 10) % 10 == int(plain[-1])


#: The names that `carriers.toml` may give as `check`.
CHECKS: dict[str, Callable[[str], bool]] = {
    "mod7": mod7,
    "s10": s10,
    "ups": ups,
    "fedex": fedex,
    "mod10": mod10,
}


def _weighed(digits: str, weights: tuple[int, ...]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, cycle(weights), strict=False))
