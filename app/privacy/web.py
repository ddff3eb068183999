"""The merchant's page of privacy requests."""

from __future__ import annotations

import msgspec
from flask import Blueprint, Response, render_template

from app.core.locale import gettext as _
from app.core.locale import ngettext, show_moment
from app.core.request import current
from app.privacy import service
from app.privacy.model import PrivacyRequest
from app.shops import service as shops

admin = Blueprint("privacy_admin", __name__)


@admin.get("/privacy")
def requests() -> str:
    """What customers asked for, and what was done."""
    visit = current()
    zone = shops.shop(visit.session).timezone
    shown = [
        {
            "id": request.id,
            "received": show_moment(request.received_at, zone, visit.locale),
            "kind": _kinds().get(request.kind, request.kind),
            "customer": request.customer_shopify_id,
            "result": _result(request),
            "download": request.kind == service.DATA_REQUEST and _known(request),
        }
        for request in service.requests(visit.session)
    ]
    return render_template("admin/privacy/requests.html", requests=shown)


@admin.get("/privacy/<int:request_id>/export")
def export(request_id: int) -> Response:
    """The data a customer asked for, as a file the merchant hands on."""
    found = service.export_of_request(current().session, request_id)
    return Response(
        msgspec.json.format(msgspec.json.encode(found), indent=2),
        mimetype="application/json",
        headers={
            "Content-Disposition": f'attachment; filename="data-request-{request_id}.json"',
            "Cache-Control": "no-store",
        },
    )


def _known(request: PrivacyRequest) -> bool:
    return request.result.get("known") is not False


def _kinds() -> dict[str, str]:
    return {
        service.DATA_REQUEST: _("Data request"),
        service.CUSTOMER_REDACT: _("Erasure of a customer"),
        service.SHOP_REDACT: _("Erasure of the shop"),
    }


def _result(request: PrivacyRequest) -> str:
    if not _known(request):
        return _("Okaeri holds no data of this customer.")
    if request.kind == service.CUSTOMER_REDACT:
        count = sum(cut for cut in request.result.values() if isinstance(cut, int))
        return ngettext("%(num)s record erased", "%(num)s records erased", count)
    if request.kind == service.SHOP_REDACT:
        return _("Skipped: the app was installed again.")
    return _("Ready")
