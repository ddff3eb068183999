"""What a review must be like. Nothing here looks at how many stars there are (RV-2, RV-3)."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from app.core.errors import Invalid
from app.core.locale import gettext as _

TITLE_MAX, BODY_MAX, NAME_MAX = 120, 5_000, 80


class Draft(msgspec.Struct, frozen=True):
    """What a person wrote into the form."""

    stars: int
    title: str
    body: str
    display_name: str


def chosen_stars(text: str | None) -> int | None:
    """The star a link or a form names, 1–5; None for anything else."""
    return int(text) if text in {"1", "2", "3", "4", "5"} else None


def draft(form: Mapping[str, str]) -> Draft:
    """The draft in a form; raises `Invalid` with a sentence for each field that is wrong."""
    errors: dict[str, str] = {}
    stars = chosen_stars(form.get("stars"))
    if stars is None:
        errors["stars"] = _("Please choose one to five stars.")
    texts = {}
    for name, longest in (("title", TITLE_MAX), ("body", BODY_MAX), ("display_name", NAME_MAX)):
        texts[name] = form.get(name, "").replace("\r\n", "\n").strip()
        if len(texts[name]) > longest:
            errors[name] = _("Please use no more than %(count)s characters.", count=longest)
    if errors or stars is None:
        raise Invalid(errors)
    return Draft(stars=stars, **texts)
