"""What a journey may need that is not there: it ships switched off and says why."""

from __future__ import annotations

from app.core.locale import gettext as _
from app.journeys.definitions.shape import Definition
from app.journeys.definitions.vocabulary import condition

#: Everything that may be named. Whoever builds one of them moves it to `BUILT`.
NEEDS = frozenset(
    {
        "loyalty",
        "feedback",
        "referrals",
        "subscriptions",
        "scheduling",
        "surprise",
        "recommendations",
        "collections",
    }
)
BUILT = frozenset({"recommendations", "collections", "surprise"})

#: Conditions that are never true without something that may not be there yet.
_BEHIND = {("survey", "csat"): "feedback", ("survey", "nps"): "feedback"}


def missing(definition: Definition) -> list[str]:
    """What a definition needs and nobody has built yet, said outright or by its conditions."""
    asked = (condition(word) for word in definition.words)
    named = {(one.name, (one.value or "").partition(":")[0]) for one in asked}
    said = {_BEHIND[one] for one in named & _BEHIND.keys()}
    return sorted((said | set(definition.needs)) - BUILT)


def need_text(name: str) -> str:
    """What is missing, in words."""
    return {
        "loyalty": _("a loyalty programme"),
        "feedback": _("the page that asks how satisfied customers are (faces, 0 to 10)"),
        "referrals": _("a referral programme"),
        "subscriptions": _("subscriptions"),
        "scheduling": _("appointments"),
        "surprise": _("a budget for surprises"),
        "recommendations": _("recommendations"),
        "collections": _("collections"),
    }.get(name, name)
