"""Everything Okaeri ships passes the lint it holds merchants to."""

from __future__ import annotations

import pytest

from app.core.locale import LANGUAGES
from app.messages import kinds
from app.messages.texts import cases
from app.messages.texts.store import Place
from tests import make
from tests.messages.conftest import buy

#: What a shop may be told, and ships all the same: it depends on the shop, not on the text.
FINE = {"C22"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_shipped_message_passes(shop: make.MadeShop, language: str) -> None:
    buy(shop, locale=language)
    said = []
    with shop.work() as session:
        for kind in kinds.all_kinds():
            found = cases.shipped_findings(session, Place(kind, language))
            said += [(kind, each.code, each.block, each.field, each.why) for each in found]
    said = [each for each in said if each[1] not in FINE]
    assert said == []
