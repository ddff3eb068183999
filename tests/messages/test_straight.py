"""Texts said without the library say, letter for letter, what the library makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from liquid import Environment
from liquid.exceptions import OutputStreamLimitError

from app.core.locale import LANGUAGES, use_locale
from app.messages import imaginary, kinds, prose
from app.messages.straight import said


class Short(Environment):
    """Liquid whose texts may have so many bytes."""

    output_stream_limit = 200


class Long(Environment):
    """Liquid as mails have it."""

    output_stream_limit = prose.LONGEST


KITCHENS = [Short(), Short(autoescape=True)]
#: Pieces of texts: first those that are filled in and chosen, then those left to the library.
PIECES = [
    "お届け ", "\n\n", " ", "<b>", "{{ a.b }}", "{{a.c}}", "{{ a['b'] }}",
    "{% if a.b %}1{% elsif a.c and b.d %}{{ b.d }}{% else %}3{% endif %}",
    "{% if a.b or a.c and x.y %}{% if b.d %}<i>{% endif %}{% endif %}",
    "{{ a }}", "{{ a.size }}", "{{ b.first }}", "{{ x.y.z }}", "{{ a.b.c }}", "{{ 'q' }}",
    "{{ a.b | upcase }}", "{{ now.year }}", "{% if a.b == 1 %}one{% endif %}",
    "{% if a %}  {% else %}\n{% endif %}", "{% unless a.c %}no{% endunless %}",
    "{% if a.b %}{% endif %}", "{% assign n = a.b %}{{ n }}",
    "{% for n in (1..3) %}{{ n }}{{ a.c }}{% endfor %}",
]  # fmt: skip
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.text("ab<&\"' 茶", max_size=8),
    st.just("x" * 90),
)
WORLDS = st.fixed_dictionaries(
    {
        "a": st.dictionaries(st.sampled_from("bc"), VALUES),
        "b": st.one_of(st.dictionaries(st.sampled_from("d"), VALUES), st.just("text"), st.none()),
    }
)


@given(st.lists(st.sampled_from(PIECES), max_size=5), WORLDS, st.sampled_from(KITCHENS))
def test_said_as_the_library_says_it(
    pieces: list[str], world: Mapping[str, Any], kitchen: Environment
) -> None:
    template = kitchen.from_string("".join(pieces))
    try:
        expected = template.render(**world)
    except OutputStreamLimitError:
        with pytest.raises(OutputStreamLimitError):
            said(template)(world)
    else:
        assert said(template)(world) == expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_shipped_text(language: str) -> None:
    kitchen = Long()
    with use_locale(language):
        for kind in kinds.all_kinds().values():
            full = imaginary.mail(kind, language, date(2026, 6, 1)).liquid
            bare: dict[str, Any] = {group: dict.fromkeys(names) for group, names in full.items()}
            for part in prose.PARTS:
                template = kitchen.from_string(prose.source(kind.name, language, part))
                for world in (full, bare):
                    assert said(template)(world) == template.render(**world)
