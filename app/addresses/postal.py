"""Japan's postal codes, as Japan Post publishes them (see `addresses.build`): which municipality
and town a code belongs to, and which code a town has. Read once a process, when first asked."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from app.addresses.writing import key

DATA = Path(__file__).with_name("data")
TOWNS, CITIES = DATA / "towns.tsv.gz", DATA / "cities.tsv.gz"
#: Marks the code of one large receiver of mail, which is no town's.
OFFICE = "*"


@dataclass(frozen=True)
class City:
    """A municipality: `渋谷区` of `東京都`, `横浜市西区`, `那賀郡那賀町`."""

    number: str
    prefecture: str
    name: str

    @property
    def names(self) -> tuple[str, ...]:
        """As people write it, as keys: with its district (郡) and without."""
        district, _, rest = self.name.partition("郡")
        # 郡山市 and 郡上市 begin with the sign, and 大和郡山市 has it inside.
        short = rest if district and rest.endswith(("町", "村")) else ""
        return tuple(key(one) for one in (self.name, short) if one)


@dataclass(frozen=True)
class Place:
    """What a postal code stands for; `town` is empty where it is the whole municipality's. An
    `office` has a code of its own."""

    city: City
    town: str
    office: bool = False


def _lines(path: Path) -> list[list[str]]:
    text = gzip.decompress(path.read_bytes()).decode()
    return [line.split("\t") for line in text.splitlines()]


@cache
def _cities() -> Mapping[str, City]:
    return {number: City(number, *names) for number, *names in _lines(CITIES)}


@cache
def _towns() -> bytes:
    """`code TAB number TAB town LF`, sorted. As bytes it is 4 MB, as objects it would be 50."""
    return gzip.decompress(TOWNS.read_bytes())


def places(code: str) -> list[Place]:
    """The places of a code of seven digits; empty for one that does not exist."""
    if len(code) != 7:
        return []
    found, text, wanted = [], _towns(), code.encode()
    at = _first(text, wanted)
    while text.startswith(wanted, at):
        end = text.index(b"\n", at)
        _code, number, town, *mark = text[at:end].decode().split("\t")
        found.append(Place(_cities()[number], town, mark == [OFFICE]))
        at = end + 1
    return found


def _first(text: bytes, wanted: bytes) -> int:
    """Where the first line begins that is not before `wanted`."""
    low, high = 0, len(text)
    while low < high:
        start = text.rfind(b"\n", 0, (low + high) // 2) + 1
        if text[start : start + len(wanted)] < wanted:
            low = text.index(b"\n", (low + high) // 2) + 1
        else:
            high = start
    return low


@cache
def cities_of(prefecture: str) -> tuple[City, ...]:
    """A prefecture's municipalities, those with the longest names first."""
    found = [city for city in _cities().values() if city.prefecture == prefecture]
    return tuple(sorted(found, key=lambda city: -len(city.name)))


@lru_cache(maxsize=256)
def codes_of(number: str) -> Mapping[str, frozenset[str]]:
    """A municipality's towns, as keys, with their codes."""
    found: dict[str, set[str]] = {}
    text, at = _towns(), 0
    mark = f"\t{number}\t".encode()
    while (at := text.find(mark, at)) >= 0:
        end = text.index(b"\n", at)
        town, *office = text[at + len(mark) : end].decode().split("\t")
        if not office:
            found.setdefault(key(town), set()).add(text[at - 7 : at].decode())
        at = end
    return {town: frozenset(codes) for town, codes in found.items()}
