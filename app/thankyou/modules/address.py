"""What looks odd about where the order goes, and the better address by one tap (features.md A14).
Where only the buyer knows what is right, a field asks for it; the order's page takes any other."""

from __future__ import annotations

from collections.abc import Mapping

from app.addresses import pushing, queries, service, words
from app.addresses.queries import Shown
from app.core.locale import gettext as _
from app.core.locale import sentences
from app.thankyou.api import FactShown, FieldShown, ModuleShown
from app.thankyou.context import Context
from app.thankyou.modules.words import failed_text

#: A problem that only the buyer can solve → the fields that do.
FIELDS = {
    "zip_missing": ("zip",),
    "zip_unknown": ("zip",),
    "zip_elsewhere": ("zip", "address1"),
    "number_missing": ("address1",),
    "room_missing": ("address2",),
    "phone": ("phone",),
}


def show(page: Context) -> ModuleShown | None:
    """The oddities and the proposal; what became of it once it was answered."""
    found = _shown(page)
    sent = found is not None and found.closed == "shipped"
    if found is None or (sent and found.state in ("done", "kept")):
        return None
    told = words.told(found.state, found.reason, sent=sent)
    if not told and (found.closed or not found.finding.problems):
        return None
    fields = [] if told or found.finding.proposal else _fields(found)
    return ModuleShown(
        key="address",
        heading=_("Delivery address") if told else _("Is this address right?"),
        text="" if told else sentences(*map(words.problem, found.finding.problems)),
        facts=[] if told else _facts(found),
        fields=fields,
        submit_text=_("Save this address") if fields else _("Use the suggested address"),
        done=told or None,
        failed_text=failed_text(),
        note=_("To enter a different address, open your order by the link above."),
    )


def take(page: Context, values: Mapping[str, str]) -> None:
    """Put the address right, at Shopify too, while the buyer waits."""
    found = _shown(page)
    if found is not None and found.finding.proposal is not None:
        case = service.fix(page.session, page.order)
    else:
        case = service.edit(page.session, page.order, values)
    if case.state == "asked":
        pushing.push_now(page.session, case.id)


def _shown(page: Context) -> Shown | None:
    return queries.shown(page.session, page.order, arrived=page.arrived, known=page.address)


def _facts(found: Shown) -> list[FactShown]:
    given = FactShown(_("As you entered it"), found.given.rows)
    better = found.finding.proposal
    return [given, FactShown(_("Suggested address"), better.rows)] if better else [given]


def _fields(found: Shown) -> list[FieldShown]:
    names = [name for code in found.finding.problems for name in FIELDS.get(code, ())]
    labels = {
        "zip": _("Postal code"),
        "address1": _("Street and house number"),
        "address2": _("Building and room (if there is one)"),
        "phone": _("Phone number"),
    }
    return [
        FieldShown(
            name=name,
            kind="text",
            label=labels[name],
            value="" if name == "phone" else getattr(found.given, name),
            needed=name != "address2",
        )
        for name in dict.fromkeys(names)
    ]
