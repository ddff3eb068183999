"""Shopify's own order confirmation, which every shop sends: a part to copy into it, so that it says
what happens next and where to follow the order, and ours need not say it twice (ruling 13)."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, render_template

from app.core.locale import LANGUAGES
from app.core.request import current
from app.core.runtime import runtime
from app.shops import service as shops

admin = Blueprint("confirmation", __name__)

FOLDER = Path(__file__).resolve().parents[2] / "templates" / "shopify"
#: What stands in the files where the shop's own tracking page belongs.
TRACKING = "OKAERI_TRACKING"


@admin.get("/confirmation")
def confirmation() -> str:
    """The part in both languages, and how it gets into Shopify's template."""
    visit = current()
    url = f"{runtime().settings.app_url.rstrip('/')}/track/{visit.domain.partition('.')[0]}"
    shop = shops.shop(visit.session)
    if shop.proxy_prefix:
        url = f"{shop.storefront_url.rstrip('/')}{shop.proxy_prefix}/track"
    return render_template(
        "admin/messages/confirmation.html",
        parts={one: snippet(one, url) for one in LANGUAGES},
        templates_url=runtime()
        .settings.shop_url(runtime().settings.shopify_admin_url, visit.domain)
        .rstrip("/")
        + "/email_templates/order_confirmation/edit",
    )


def snippet(language: str, tracking_url: str) -> str:
    """The part as Shopify's template takes it: Liquid of Shopify's notifications, and HTML."""
    text = (FOLDER / f"order-confirmation.{language}.liquid").read_text("utf-8")
    return text.replace(TRACKING, tracking_url)
