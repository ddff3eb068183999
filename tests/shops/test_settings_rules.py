"""Settings as values: whatever is typed, a person gets words and never an exception."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import Invalid
from app.shops import settings
from app.shops.settings import ShopSettings

FORMS = st.dictionaries(
    st.sampled_from([*settings.TEXTS]),
    st.text(max_size=60)
    | st.sampled_from(["https://[", "a@b.example", "#123456", "１", "smtp://"]),
)


@given(FORMS)
def test_any_form_is_kept_whole_or_answered(form: dict[str, str]) -> None:
    kept, errors = read(form)
    assert (kept is None) == bool(errors)
    assert all(errors.values())
    if kept is not None:
        assert settings.load(settings.dump(kept)) == kept
        assert kept.sender_name
        assert kept.reply_to
        assert settings.COLOR.fullmatch(kept.color)


def read(form: dict[str, str]) -> tuple[ShopSettings | None, dict[str, str]]:
    try:
        return settings.read_form(form, ShopSettings()), {}
    except Invalid as error:
        return None, error.errors


@pytest.mark.parametrize(
    "url",
    [
        "https://line.me/R/ti/p/@hinata",
        "https://line.me/R/ti/p/%40hinata",
        "https://line.me/ti/p/@hinata",
        "https://lin.ee/AbCdEf",
    ],
)
def test_lines_own_links_are_taken(url: str) -> None:
    form = {"sender_name": "a", "reply_to": "a@b.example", "color": "#123456", "line_url": url}
    assert settings.read_form(form, ShopSettings()).line_url == url


def test_what_a_japanese_keyboard_types_in_full_width_is_kept_as_machines_read_it() -> None:
    form = {
        "sender_name": "ひなた珈琲（東京）",
        "reply_to": "ｈｅｌｌｏ＠ｈｉｎａｔａ．ｊｐ",
        "support_phone": "０３－１２３４－５６７８",
        "legal_url": "ｈｔｔｐｓ：／／ｈｉｎａｔａ．ｊｐ／ｌａｗ",
        "coupon_code": "ＴＨＡＮＫＳ１０",
        "coupon_percent": "１０",
        "color": "＃７ａ４ａ２１",
    }
    kept = settings.read_form(form, ShopSettings())
    assert kept.sender_name == "ひなた珈琲（東京）"
    assert (kept.reply_to, kept.support_phone) == ("hello@hinata.jp", "03-1234-5678")
    assert kept.legal_url == "https://hinata.jp/law"
    assert (kept.coupon_code, kept.coupon_percent, kept.color) == ("THANKS10", 10, "#7a4a21")


def test_what_another_version_kept_is_passed_over() -> None:
    assert settings.load({"sender_name": "a", "long_gone": 1}).sender_name == "a"
