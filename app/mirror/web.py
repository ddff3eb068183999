"""How products are used: our guesses, and the staff's word on them."""

from __future__ import annotations

from flask import Blueprint, make_response, render_template, request
from werkzeug.wrappers.response import Response as BaseResponse

from app.core.errors import Invalid
from app.core.htmx import wants_fragment
from app.core.locale import gettext as _
from app.core.locale import ngettext
from app.core.request import current
from app.mirror import queries, service
from app.mirror.model import Product
from app.mirror.rules import KINDS
from app.shops import service as shops

admin = Blueprint("products", __name__)


@admin.get("/products")
def grid() -> str:
    """The grid, filtered."""
    return _grid()


@admin.post("/products")
def change() -> BaseResponse | str:
    """Confirm the chosen products' kind, or guess anew; the grid comes back as it was filtered."""
    session, form = current().session, request.form
    chosen = [int(text) for text in form.getlist("product") if text.isdigit()]
    if not chosen:
        return make_response(_grid(error=_("Choose at least one product.")), 422)
    if form.get("do") == "again":
        count = service.guess_again(session, chosen)
        return _grid(
            said=ngettext("%(num)s product guessed anew.", "%(num)s products guessed anew.", count)
        )
    try:
        count = service.confirm_kinds(session, chosen, form.get("as") or None, current().staff)
    except Invalid as error:
        return make_response(_grid(error=error.errors["kind"]), 422)
    return _grid(said=ngettext("%(num)s product confirmed.", "%(num)s products confirmed.", count))


def kind_names() -> dict[str, str]:
    """The kinds in the reader's language."""
    return {
        "consumable": _("Used up"),
        "fast": _("Used up within days"),
        "complex": _("Needs learning"),
        "long_cycle": _("Lasts for years"),
        "digital": _("Digital"),
        "gift": _("Gift"),
        "standard": _("Ordinary"),
    }


def reason(product: Product) -> str:
    """What our guess rests on, in words."""
    where, _colon, word = product.kind_reason.partition(":")
    texts = {
        "shipping": _("it is not shipped"),
        "type": _("its type says “%(word)s”", word=word),
        "tags": _("a tag says “%(word)s”", word=word),
        "title": _("its title says “%(word)s”", word=word),
        "nothing": _("nothing says otherwise"),
    }
    return texts.get(where, "")


def _grid(said: str = "", error: str = "") -> str:
    values = request.values
    kind = values.get("kind", "") if values.get("kind", "") in KINDS else ""
    page = int(values["page"]) if values.get("page", "").isdigit() else 0
    unconfirmed, text = values.get("open") == "1", values.get("q", "").strip()
    session = current().session
    found = queries.kind_grid(session, kind=kind, unconfirmed=unconfirmed, text=text, page=page)
    return render_template(
        "admin/products/rows.html" if wants_fragment() else "admin/products/grid.html",
        found=found, kind=kind, unconfirmed=unconfirmed, text=text, page=page,
        more=(page + 1) * queries.GRID < found.total, names=kind_names(), reason=reason,
        zone=shops.shop(session).timezone, said=said, error=error,
    )  # fmt: skip
