"""Addresses as each country writes them, whatever language the reader speaks."""

from __future__ import annotations

from typing import Any

import pytest

from app.core.places import line, rows

SHIBUYA = {
    "country_code": "JP", "zip": "150-0001", "province": "Tōkyō", "province_code": "JP-13",
    "city": "渋谷区", "address1": "神宮前1-2-3", "address2": "メゾン101",
}  # fmt: skip
BROOKLYN = {
    "country_code": "US", "zip": "11201", "province": "New York", "province_code": "NY",
    "city": "Brooklyn", "address1": "12 Maple Street", "address2": "Apt 4",
}  # fmt: skip
LATIN = {"city": "Shibuya-ku", "address1": "1-2-3 Jingumae", "address2": ""}


@pytest.mark.parametrize(
    ("place", "language", "home", "said"),
    [
        (SHIBUYA, "ja", "JP", "〒150-0001 東京都渋谷区神宮前1-2-3 メゾン101"),
        (SHIBUYA, "en", "JP", "〒150-0001 東京都渋谷区神宮前1-2-3 メゾン101"),
        (SHIBUYA | LATIN, "en", "JP", "1-2-3 Jingumae, Shibuya-ku, Tokyo 150-0001"),
        (SHIBUYA | LATIN, "ja", "JP", "1-2-3 Jingumae, Shibuya-ku, Tokyo 150-0001"),
        (BROOKLYN, "en", "US", "12 Maple Street, Apt 4, Brooklyn, NY 11201"),
        (BROOKLYN, "en", "JP", "12 Maple Street, Apt 4, Brooklyn, NY 11201, United States"),
        (BROOKLYN, "ja", "JP", "12 Maple Street, Apt 4, Brooklyn, NY 11201, アメリカ合衆国"),
        (
            {"country_code": "DE", "zip": "10115", "city": "Berlin", "address1": "Torstraße 1"},
            "en", "DE", "Torstraße 1, 10115 Berlin",
        ),
        (
            {"country_code": "GB", "zip": "SW1A 2AA", "province": "England", "city": "London",
             "address1": "10 Downing Street"},
            "en", "GB", "10 Downing Street, London SW1A 2AA",
        ),
        (
            {"country_code": "SG", "zip": "049315", "province": "Singapore", "city": "Singapore",
             "address1": "1 Raffles Place"},
            "en", "SG", "1 Raffles Place, Singapore 049315",
        ),
        (
            {"country_code": "KR", "zip": "04524", "province": "서울", "city": "중구",
             "address1": "세종대로 110"},
            "ja", "KR", "04524 서울 중구 세종대로 110",
        ),
        ({"country_code": "JP", "zip": "150-0001", "province_code": "JP-13"}, "ja", "JP",
         "〒150-0001 東京都"),
        ({}, "ja", "JP", ""),
    ],
)  # fmt: skip
def test_a_line_is_written_as_its_country_does(
    place: dict[str, Any], language: str, home: str, said: str
) -> None:
    assert line(place, language, home=home) == said
    assert all(row.strip() for row in rows(place, language, home=home))
