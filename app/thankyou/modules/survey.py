"""The shop's questions about the order (features.md A12)."""

from __future__ import annotations

from collections.abc import Mapping

from app.core.locale import current_locale
from app.core.locale import gettext as _
from app.surveys import queries, service
from app.surveys.model import SurveyQuestion
from app.thankyou.api import FieldShown, ModuleShown, OptionShown
from app.thankyou.context import Context
from app.thankyou.modules.words import failed_text


def show(page: Context) -> ModuleShown | None:
    """The questions, or thanks once any of them was answered."""
    asked, answered = page.asked
    if not asked:
        return None
    return ModuleShown(
        key="survey",
        heading=_("May we ask?"),
        fields=[] if answered else [_field(question) for question in asked],
        submit_text=_("Send the answers"),
        done=_("Thank you, that helps us.") if answered else None,
        failed_text=failed_text(),
        note=_("Answering is up to you; your order does not depend on it."),
    )


def _field(question: SurveyQuestion) -> FieldShown:
    words = queries.wording(question, current_locale())
    return FieldShown(
        name=question.key,
        kind=question.kind,
        label=words.question,
        options=[OptionShown(value, label) for value, label in words.options],
    )


def take(page: Context, values: Mapping[str, str]) -> None:
    """Keep the answers."""
    service.answer(page.session, page.order.id, dict(values))
