"""Package inserts in the admin: what is to be packed today, the cards, and their print."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers.response import Response as BaseResponse

from app.core.errors import Invalid, NotFound
from app.core.locale import LANGUAGES, current_locale, use_locale
from app.core.locale import gettext as _
from app.core.request import current
from app.guides import rules as guide_rules
from app.inserts import queries, rules, service, tagging
from app.inserts.model import InsertCard
from app.journeys.words import condition_words
from app.mirror import queries as mirror
from app.shops import service as shops

admin = Blueprint("inserts", __name__)

TEXTS = ("name", "size", "title_ja", "body_ja", "title_en", "body_en")


@admin.get("/inserts")
def listing() -> str:
    """What is to be packed, what was, and the cards."""
    return _listing()


@admin.get("/inserts/cards.pdf")
def cards_pdf() -> Response:
    """All cards that are to be packed now, or those of the chosen orders, one a page."""
    session = current().session
    chosen = set(request.args.getlist("order"))
    boxes = [
        box
        for box in queries.boxes(session)
        if box.card and (not chosen or str(box.order.id) in chosen)
    ]
    if not boxes:
        raise NotFound
    return _pdf([queries.printed(session, box, box.card) for box in boxes if box.card], "cards")


@admin.get("/inserts/packing-list.csv")
def packing_list() -> Response:
    """The same for a warehouse: order, items, card, extra. With a mark that lets Excel read it."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow([_("Order"), _("Items"), _("Card"), _("Extra in the box"), _("Language")])
    for box in queries.boxes(current().session):
        items = " / ".join(
            f"{line.title} × {line.current_quantity}"
            for line in box.lines
            if line.current_quantity > 0
        )
        card = box.card.name if box.card else ""
        rows.writerow(
            [_harmless(text) for text in (box.order.name, items, card, box.extra)] + [box.locale]
        )
    answer = make_response("\ufeff" + out.getvalue())
    answer.mimetype = "text/csv"
    answer.headers["Content-Disposition"] = "attachment; filename=packing-list.csv"
    return answer


@admin.post("/inserts/packed")
def packed() -> BaseResponse | str:
    """Note which boxes are packed."""
    numbers = [int(one) for one in request.form.getlist("order") if one.isdecimal()]
    count = service.pack(current().session, numbers, current().staff or "")
    return redirect(url_for("inserts.listing", packed=count), 303)


@admin.post("/inserts/tagging")
def switch_tagging() -> BaseResponse:
    """Tag orders for the warehouse, or no longer; `declined` when Shopify's merchant would not."""
    on, declined = request.form.get("on") == "1", request.form.get("declined") == "1"
    tagging.switch(current().session, current().staff or "", on=on, declined=declined)
    return redirect(url_for("inserts.listing"), 303)


@admin.get("/inserts/cards/new")
def new() -> str:
    """A card to begin with: thanks for the first order."""
    values: dict[str, Any] = {"size": "a6", "position": 1, "active": True, "words": ["first_order"]}
    for language in LANGUAGES:
        with use_locale(language):
            values["title_" + language] = _("Thank you for choosing us")
            values["body_" + language] = _first_words()
    values["name"] = _("Thanks for the first order")
    return _form(values, {})


@admin.get("/inserts/cards/<int:card_id>")
def show(card_id: int) -> str:
    """One card."""
    found = queries.card(current().session, card_id)
    names = (*TEXTS, "words", "position", "active")
    return _form({name: getattr(found, name) for name in names}, {}, card_id)


@admin.get("/inserts/cards/<int:card_id>/sample-<language>.pdf")
def sample(card_id: int, language: str) -> Response:
    """The card as it is printed, for nobody in particular."""
    if language not in LANGUAGES:
        raise NotFound
    session = current().session
    found = queries.card(session, card_id)
    return _pdf([queries.sample(session, found, language)], f"card-{card_id}-{language}")


@admin.post("/inserts/cards")
def create() -> BaseResponse:
    """Keep a new card."""
    return _save(None)


@admin.post("/inserts/cards/<int:card_id>")
def change(card_id: int) -> BaseResponse:
    """Keep a card's changes."""
    return _save(card_id)


@admin.post("/inserts/cards/<int:card_id>/remove")
def remove(card_id: int) -> BaseResponse:
    """Throw a card away."""
    service.remove(current().session, card_id)
    return redirect(url_for("inserts.listing", done="removed"), 303)


def _save(card_id: int | None) -> BaseResponse:
    draft = _typed()
    try:
        kept = service.save(current().session, draft, card_id)
    except Invalid as error:
        values = {name: getattr(draft, name) for name in (*TEXTS, "words", "position", "active")}
        return make_response(_form(values, error.errors, card_id), 422)
    return redirect(url_for("inserts.show", card_id=kept.id, done="saved"), 303)


def _typed() -> service.Draft:
    form = request.form
    words = [word for word in rules.FLAGS if word in form.getlist("words")]
    least, kind = form.get("orders", "").strip(), form.get("product_type", "").strip()
    words += [f"orders:{least}"] if least else []
    words += [f"product_type:{kind}"] if kind else []
    position = form.get("position", "").strip()
    texts = {name: form.get(name, "").replace("\r\n", "\n").strip() for name in TEXTS}
    return service.Draft(
        **texts,
        words=words,
        position=int(position) if position.isdecimal() and len(position) < 5 else 1,
        active=form.get("active") == "on",
    )


def _listing() -> str:
    session = current().session
    return render_template(
        "admin/inserts/list.html",
        boxes=queries.boxes(session),
        packed=queries.packed(session),
        cards=queries.cards(session),
        conditions=_conditions,
        sizes=size_words(),
        zone=shops.shop(session).timezone,
        tagging=queries.tagging(session),
        granted=tagging.granted(session),
        scope=tagging.SCOPE,
        example=rules.tag(_("Thanks for the first order")),
        said=_said(),
    )


def _form(values: Mapping[str, Any], errors: Mapping[str, str], card_id: int | None = None) -> str:
    valued = dict(word.split(":", 1) for word in values["words"] if ":" in word)
    return render_template(
        "admin/inserts/card.html",
        card_id=card_id,
        values=values,
        valued=valued,
        errors=errors,
        flags=[(word, condition_words(word)) for word in rules.FLAGS],
        types=mirror.product_types(current().session),
        sizes=list(size_words().items()),
        names=guide_rules.EXAMPLES[current_locale()],
        said=_said(),
    )


def _first_words() -> str:
    """The words a card begins with."""
    return _(
        "{{ customer.name }}\n\nThank you for your first order at {{ shop.name }}. We packed "
        "{{ product.title }} for you with care.\n\nIf anything is unclear, please write to us at "
        "any time. We are looking forward to hearing from you."
    )


def _conditions(card: InsertCard) -> str:
    """Who gets a card, in words."""
    return _(", ").join(condition_words(word) for word in card.words) or _("every order")


def size_words() -> dict[str, str]:
    """The papers, in words."""
    return {
        "a6": _("A6 (105 × 148 mm)"),
        "hagaki": _("Postcard (100 × 148 mm)"),
        "meishi": _("Name card (91 × 55 mm)"),
    }


def _pdf(cards: list[rules.Card], name: str) -> Response:
    # Late import: what makes PDFs takes a twelfth of every process's start, and cards are few.
    from app.inserts import paper

    answer = make_response(paper.pdf(cards, title=_("Package inserts")))
    answer.mimetype = "application/pdf"
    answer.headers["Content-Disposition"] = f"attachment; filename={name}.pdf"
    return answer


def _harmless(text: str) -> str:
    """What a spreadsheet would take for a formula is text again."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t") else text


def _said() -> str:
    """What was just done, in words."""
    count = request.args.get("packed", "")
    if count.isdecimal():
        return _("Packed: %(count)s.", count=int(count))
    known = {"saved": _("The card was saved."), "removed": _("The card was thrown away.")}
    return known.get(request.args.get("done", ""), "")
