"""A template that was made flat says, letter for letter, what it said before."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import DictLoader, Environment, StrictUndefined, Template, TemplateError, nodes
from jinja2.compiler import CodeGenerator
from markupsafe import Markup, escape

from app.core.locale import LANGUAGES, use_locale
from app.messages import imaginary, kinds, layouts, swift
from app.messages.context import Item, Mail
from app.messages.flatten import Flat
from app.messages.kinds import Kind
from app.messages.render import Rendered, Text, render
from app.messages.swift import quoted
from app.messages.texts import shipped

#: Words that would change a page if anybody took them for more than words.
WILD = "<b>&\"'{{ 7 * 7 }}{% if %}"
PARTS = ("lead", "main", "button", "below", "aside")
CACHES = ("html", "plain", "blocks_html", "blocks_plain", "part", "_filler")


class Untouched:
    """Leaves a template to Jinja as it was written."""

    def __init__(self, _read: object) -> None:
        """Nothing is read beforehand."""

    def template(self, tree: nodes.Template) -> nodes.Template:
        """The same tree."""
        return tree


@pytest.fixture
def forget() -> Iterator[Callable[[], None]]:
    """Have every frame compiled anew, when called and after the test."""

    def clear() -> None:
        for name in CACHES:
            getattr(layouts, name).cache_clear()

    yield clear
    clear()


def worlds(mail: Mail) -> list[Mail]:
    """One reader's mail, and others in which every part of a frame has its turn."""
    wild = Item(WILD, WILD, WILD, 2, "", "https://cdn.example/?a=1&b=2")
    bare = replace(
        mail.brand, support_email="", logo_url="https://x/?a&b", postal_address=f"1\n{WILD}"
    )
    return [
        mail,
        replace(
            mail, items=[wild, *mail.items], charges=[("Tax", "¥1"), (WILD, "¥2")], unpaid=True
        ),
        replace(mail, item=wild, items=[wild], line_url=f"https://{WILD}", ships=False, brand=bare),
        replace(
            mail, order_name="", shipment=None, suggestions=[], coupon=None, points=None, known={}
        ),
    ]


def shapes() -> list[Kind]:
    """As few kinds as have every part of mails in their layouts."""
    calls = {
        kind: {
            call
            for part in PARTS
            for call in re.findall(r"part\.\w+|{% set|{% if", layouts.part_source(name, part))
        }
        for name, kind in kinds.all_kinds().items()
    }
    found: list[Kind] = []
    missing = set[str]().union(*calls.values())
    while missing:
        found.append(max(calls, key=lambda kind: len(calls[kind] & missing)))
        missing -= calls[found[-1]]
    return found


def said() -> list[Rendered]:
    """What kinds say, each in one language or the other, shipped and as a shop's own."""
    found = []
    for number, kind in enumerate(shapes()):
        language = LANGUAGES[number % 2]
        with use_locale(language):
            mail = imaginary.mail(kind, language, date(2026, 6, 1))
            own = Text(shipped.content(kind.name, language), {}, date(2026, 6, 1), made_up=True)
            found += [render(one, text) for one in worlds(mail) for text in (None, own)]
    return found


def test_flat_frames_say_what_they_say_as_written(
    monkeypatch: pytest.MonkeyPatch, forget: Callable[[], None]
) -> None:
    flat = said()
    forget()
    monkeypatch.setattr(layouts, "Flat", Untouched)
    monkeypatch.setattr(layouts._Filler, "code_generator_class", CodeGenerator)
    monkeypatch.setattr(layouts._Filler, "template_class", Template)
    assert said() == flat


TEMPLATES = {
    "parts": """
        {% macro row(look='', gap='4') %}<i {{ look }}{{ gap }}>{{ caller() }}</i>{% endmacro %}
        {% macro rows(all, last=true) %}{% set b = all %}{% call row('x') %}
        {% for label, value in b %}{{ loop.index }}{{ '.' if loop.last and last else ',' }}
        {{ label }}{{ value }}{{ look }}{% endfor %}{% endcall %}{% endmacro %}
        {% macro one(b) %}{% if b %}{{ two(b, gap=b) }}{% elif no %}?{% else %}-{% endif %}
        {% endmacro %}
        {% macro two(x, gap) %}{{ x }}{{ x }}-{{ gap }}{% endmacro %}""",
    "parent": """{% block a %}A{% block b %}B{% endblock %}{% endblock %}
        {% block c %}C{% endblock %}""",
    "blocks": """{% extends 'parent' %}{% import 'parts' as part with context %}
        {% block b %}{{ part.one(word) }}{{ part.one('') }}{% endblock %}""",
    "names": """{% import 'parts' as part with context %}{% set b = 'b' %}{% set gap = word %}
        {{ part.rows([(gap, b), (word, 1)]) }}{{ part.rows(pairs, false) }}
        {{ part.one(b) }}{{ b }}""",
    "lists": """{% set rows = [{'n': 1, 't': word}] + ([{'n': 2, 't': 'z'}] if yes else [])
        + ([{'n': 3, 't': word}] if no else [{'n': 4, 't': ''}, {'n': 5, 't': '<'}]) %}
        {% for r in rows %}{{ loop.index0 }}{{ r.n }}{% if r.t and not loop.last %}{{ r.t }}
        {% endif %}{% for n in range(1, 3) %}{{ loop.first }}{{ n }}{% endfor %}
        {{ loop.last }}{% endfor %}""",
    "nested": """{% for a in pairs %}{% for b in a %}{{ loop.index }}{{ b }}{% else %}!{% endfor %}
        {{ loop.last }}{% endfor %}{% for a in [] %}x{% else %}empty{% endfor %}
        {% if (word ~ 'a' if no else 'b') %}y{% endif %}{% if ('' ~ '' if no else 0) %}n{% endif %}
        {{ word ~ '<' if no else 'q' ~ word }}
        {{ '1' if no and yes else '2' if not false else '3' }}""",
}


@pytest.mark.parametrize("name", ["blocks", "names", "lists", "nested"])
@pytest.mark.parametrize("escaping", [True, False])
def test_flat_templates_say_what_jinja_says(name: str, *, escaping: bool) -> None:
    env = Environment(loader=DictLoader(TEMPLATES), undefined=StrictUndefined, autoescape=escaping)
    env.globals["look"] = "outside"
    flat = Flat(lambda each: env.parse(TEMPLATES[each])).template(env.parse(TEMPLATES[name]))
    made = env.template_class.from_code(env, env.compile(flat), dict(env.globals))
    for yes in (True, False):
        world = {"word": "<w>", "pairs": [("p", "<q>"), ("r", "s")], "yes": yes, "no": not yes}
        assert made.render(world) == env.get_template(name).render(world)


@pytest.mark.parametrize(
    "source",
    [
        "{{ mail.item.title }}",
        "{{ mail.links.nowhere }}",
        "{{ nobody.name }}",
        "{{ nobody }}",
        "{% if mail.nothing %}{% endif %}",
        "{% for each in mail.nothing %}{% endfor %}",
    ],
)
def test_a_name_that_nobody_fills_is_a_mistake_of_the_template(source: str) -> None:
    with use_locale("en"):
        mail = imaginary.mail(kinds.kind("review"), "en", date(2026, 6, 1))
    template = layouts._filler("en", escaping=True).from_string(source)
    with pytest.raises(TemplateError):
        template.render(mail=replace(mail, item=None))


@given(st.one_of(st.text(), st.integers(), st.none(), st.text().map(Markup)))
def test_values_are_escaped_as_ever(value: object) -> None:
    assert quoted(value) == escape(value)


def test_a_markupsafe_without_its_inner_function_is_as_good() -> None:
    assert swift.swiftest(object()) is swift.unmarked
    for word in [WILD, "珈琲", "", "a<b>&c"]:
        said = swift.unmarked(word)
        assert said == swift.swiftest()(word)
        assert type(said) is str
