"""Pure decisions: the questions we bring along, and what a merchant may ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count

from app.core.errors import Invalid
from app.core.locale import gettext as _

LANGUAGES = ("ja", "en")
#: A page asks little: so many questions at once, so many options each, so long a text.
MOST_ACTIVE, MOST_OPTIONS, LONGEST = 4, 10, 120
#: What somebody may write beside their answer.
LONGEST_WORDS = 1000
#: Questions that a message asks, on a page of their own: never the thank-you page's. They are asked
#: until the merchant puts them away.
MAILED = frozenset({"left"})
#: The answer of somebody who hears too much from us.
TOO_MANY = ("left", "messages")
#: Answers that something else follows from: their words may change, they stay.
NEEDED = {"gift": frozenset({"yes", "no"})}
#: So many new answers may be written at once.
NEW = 2
#: How long the way from the thanks to the preference centre works.
CENTRE_LIVES = timedelta(days=1)

Options = list[tuple[str, str]]


@dataclass(frozen=True)
class Wording:
    """A question in one language. `gone` are answers that could once be given."""

    question: str
    options: Options
    gone: Options = field(default_factory=list)

    @property
    def labels(self) -> dict[str, str]:
        """Every answer that was ever given, in words."""
        return dict(self.gone + self.options)


@dataclass(frozen=True)
class Draft:
    """A question as it is to be kept."""

    key: str
    kind: str
    texts: dict[str, Wording]


#: Questions we bring along. The answer `yes` to `gift` makes an order one for somebody else.
PRESETS = (
    Draft(
        "gift",
        "choice",
        {
            "ja": Wording(
                "贈り物としてのご購入ですか？",
                [("yes", "はい、贈り物です"), ("no", "いいえ、自分用です")],
            ),
            "en": Wording("Is this a gift?", [("yes", "Yes, a gift"), ("no", "No, for myself")]),
        },
    ),
    Draft(
        "heard",
        "choice",
        {
            "ja": Wording(
                "当店をどこでお知りになりましたか？",
                [
                    ("search", "検索"),
                    ("social", "SNS"),
                    ("friend", "家族・知人の紹介"),
                    ("press", "雑誌・記事・テレビ"),
                    ("shop", "実店舗・イベント"),
                    ("other", "そのほか"),
                ],
            ),
            "en": Wording(
                "How did you hear of us?",
                [
                    ("search", "Search"),
                    ("social", "Social media"),
                    ("friend", "Family or a friend"),
                    ("press", "Press or television"),
                    ("shop", "A shop or an event"),
                    ("other", "Something else"),
                ],
            ),
        },
    ),
    Draft(
        "left",
        "choice",
        {
            "ja": Wording(
                "その後、ご注文がない理由に近いものはどれですか？",
                [
                    ("price", "価格が高かった"),
                    ("product", "商品が合わなかった"),
                    ("delivery", "送料やお届けに不満があった"),
                    ("elsewhere", "ほかのお店で購入した"),
                    ("later", "まだ必要がない"),
                    ("messages", "お店からのメッセージが多い"),
                    ("other", "そのほか"),
                ],
            ),
            "en": Wording(
                "Which comes closest to why you have not ordered again?",
                [
                    ("price", "The price"),
                    ("product", "The product did not suit me"),
                    ("delivery", "Shipping or delivery"),
                    ("elsewhere", "I found it elsewhere"),
                    ("later", "I have not needed more yet"),
                    ("messages", "Too many messages"),
                    ("other", "Something else"),
                ],
            ),
        },
    ),
)


def brought(key: str) -> Draft | None:
    """A question that we bring along."""
    return next((one for one in PRESETS if one.key == key), None)


def read_question(form: Mapping[str, str], key: str) -> Draft:
    """A question from what the merchant typed: its words, and with at least two lines of options
    a choice between them; raises `Invalid` with a sentence a field."""
    errors: dict[str, str] = {}
    lines = {one: _lines(form.get(f"options_{one}", "")) for one in LANGUAGES}
    for one in LANGUAGES:
        if not 0 < len(form.get(f"question_{one}", "").strip()) <= LONGEST:
            errors[f"question_{one}"] = _(
                "Write a question of at most %(most)s characters.", most=LONGEST
            )
    number = len(lines["ja"])
    if number != len(lines["en"]):
        errors["options_en"] = _("Write as many answers in English as in Japanese.")
    if number == 1 or number > MOST_OPTIONS or any(len(line) > LONGEST for line in lines["ja"]):
        errors["options_ja"] = _(
            "Write 2 to %(most)s answers, one a line; none at all lets people write freely.",
            most=MOST_OPTIONS,
        )
    if errors:
        raise Invalid(errors)
    return Draft(
        key,
        "choice" if number else "text",
        {
            one: Wording(
                form[f"question_{one}"].strip(),
                [(f"o{place}", label) for place, label in enumerate(lines[one], 1)],
            )
            for one in LANGUAGES
        },
    )


def slots(wording: Wording) -> list[str]:
    """The values a form asks for the words of: the answers there are, and a few new ones."""
    room = min(NEW, MOST_OPTIONS - len(wording.options))
    return [value for value, _label in wording.options] + [f"new{n}" for n in range(1, room + 1)]


def read_words(
    form: Mapping[str, str], key: str, kept: Mapping[str, Wording]
) -> dict[str, Wording]:
    """The new words of a question. Its answers keep their values, so that what was answered and
    what journeys ask stays true; one without words goes. Fields are `<key>.<language>.<value>`.
    Raises `Invalid` with a sentence a field."""
    errors: dict[str, str] = {}
    question = {one: _typed(form, key, one, "question") for one in LANGUAGES}
    for one, text in question.items():
        if not 0 < len(text) <= LONGEST:
            errors[f"{key}.{one}.question"] = _(
                "Write a question of at most %(most)s characters.", most=LONGEST
            )
    free, options = not kept["ja"].options, _options(form, key, kept["ja"], errors)
    if not free and not 2 <= len(options) <= MOST_OPTIONS:
        errors[f"{key}.options"] = _("Offer 2 to %(most)s answers.", most=MOST_OPTIONS)
    if NEEDED.get(key, frozenset()) - {value for value, _texts in options}:
        errors[f"{key}.options"] = _("These answers may be worded anew, but neither can go.")
    if errors:
        raise Invalid(errors)
    stay = {value for value, _texts in options}
    return {
        one: Wording(
            question[one],
            [(value, texts[one]) for value, texts in options],
            [(value, label) for value, label in kept[one].labels.items() if value not in stay],
        )
        for one in LANGUAGES
    }


def _options(
    form: Mapping[str, str], key: str, kept: Wording, errors: dict[str, str]
) -> list[tuple[str, dict[str, str]]]:
    """The answers with their words by language, the new ones with values of their own."""
    found: list[tuple[str, dict[str, str]]] = []
    fresh = (f"o{n}" for n in count(1) if f"o{n}" not in kept.labels)
    for value in slots(kept) if kept.options else []:
        texts = {one: _typed(form, key, one, value) for one in LANGUAGES}
        if not any(texts.values()):
            continue
        for one, text in texts.items():
            name = f"{key}.{one}.{value}"
            if not text:
                errors[name] = _("Write it in both languages; left empty in both, it goes.")
            elif len(text) > LONGEST:
                errors[name] = _("Write at most %(most)s characters.", most=LONGEST)
            elif any(text == other[one] for _value, other in found):
                errors[name] = _("This answer is there already.")
        found.append((next(fresh) if value.startswith("new") else value, texts))
    return found


def _typed(form: Mapping[str, str], key: str, language: str, name: str) -> str:
    return " ".join(form.get(f"{key}.{language}.{name}", "").split())


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def fits(kind: str, options: Options, answer: str) -> bool:
    """Whether this can be the answer to such a question."""
    if kind == "choice":
        return answer in {value for value, _label in options}
    return 0 < len(answer.strip()) <= 500
