"""The merchant's admin: installing the app, opening it, removing it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from app.sandbox import agenda, payloads, tokens
from app.sandbox.running import Sandbox
from app.sandbox.store import Document, Refused, Work
from app.sandbox.webhooks import announce

REDACT_AFTER = timedelta(hours=48)
EDITABLE = ("name", "email", "locale", "plan", "phone")


def staff(sandbox: Sandbox, domain: str) -> list[Document]:
    """Who works in the shop's admin."""
    with sandbox.work() as work:
        people: list[Document] = work.need("shop", domain, domain)["staff"]
        return people


def installation(sandbox: Sandbox, domain: str) -> Document | None:
    """What was granted to the app, or None."""
    with sandbox.work() as work:
        return work.get("installation", domain, "app")


def install(sandbox: Sandbox, domain: str, scopes: list[str] | None = None) -> Document:
    """Managed installation: the merchant grants what the app's configuration asks for, and keeps
    what they granted beyond that. The app learns of it when it is opened, or by `app/scopes_update`
    when the grant changed."""
    with sandbox.work(domain) as work:
        work.need("shop", domain, domain)
        before = work.get("installation", domain, "app")
        optional = set(sandbox.settings.app.optional_scopes)
        kept = [one for one in before["scopes"] if one in optional] if before else []
        granted = list(scopes or [*sandbox.settings.app.scopes, *kept])
        made = before or {
            "id": work.new_id(), "installed_at": work.stamp,
            "client_id": sandbox.settings.client_id, "scopes": granted,
        }  # fmt: skip
        agenda.strike(work, domain, "shop_redact", domain)
        return _grant(sandbox, work, domain, made, granted)


def missing_scopes(sandbox: Sandbox, domain: str) -> list[str]:
    """What the app's configuration asks for and the merchant has not granted: Shopify asks again
    before it opens the app."""
    found = installation(sandbox, domain)
    granted = found["scopes"] if found else []
    return [one for one in sandbox.settings.app.scopes if one not in granted]


def optional_grants(sandbox: Sandbox, domain: str) -> Document:
    """What `shopify.scopes.query()` answers."""
    found, app = installation(sandbox, domain), sandbox.settings.app
    return {
        "granted": found["scopes"] if found else [],
        "required": list(app.scopes), "optional": list(app.optional_scopes),
    }  # fmt: skip


def grant_optional(sandbox: Sandbox, domain: str, scopes: list[str]) -> Document:
    """The merchant agrees to what the app asked for in its pages."""
    if set(scopes) - set(sandbox.settings.app.optional_scopes):
        raise Refused("The app asks for scopes that its configuration does not name as optional.")
    with sandbox.work(domain) as work:
        found = work.need("installation", domain, "app")
        more = [one for one in scopes if one not in found["scopes"]]
        return _grant(sandbox, work, domain, found, [*found["scopes"], *more])


def revoke_optional(sandbox: Sandbox, domain: str, scopes: list[str]) -> Document:
    """An optional grant is taken back, by the app or by the merchant."""
    if set(scopes) & set(sandbox.settings.app.scopes):
        raise Refused("Required scopes cannot be taken back.")
    with sandbox.work(domain) as work:
        found = work.need("installation", domain, "app")
        left = [one for one in found["scopes"] if one not in scopes]
        return _grant(sandbox, work, domain, found, left)


def _grant(
    sandbox: Sandbox, work: Work, domain: str, found: Document, granted: list[str]
) -> Document:
    """Write a grant: living tokens have it at once, and the app is told when it is another."""
    before = found["scopes"]
    work.put("installation", domain, "app", {**found, "scopes": granted})
    if before != granted:
        for one in work.find("access_token", domain, retired=False):
            work.put("access_token", domain, one["token"], {**one, "scopes": granted})
        body = payloads.scopes_update(found["id"], before, granted, work.stamp)
        announce(sandbox, work, domain, "app/scopes_update", body)
    return {**found, "scopes": granted}


def uninstall(sandbox: Sandbox, domain: str) -> None:
    """Remove the app: its tokens are void at once, `app/uninstalled` is posted, and 48 hours later
    `shop/redact`, unless it is installed again by then."""
    with sandbox.work(domain) as work:
        shop = work.need("shop", domain, domain)
        if work.get("installation", domain, "app") is None:
            raise Refused("The app is not installed.")
        work.drop("installation", domain, "app")
        tokens.revoke_all(work, domain)
        announce(sandbox, work, domain, "app/uninstalled", payloads.shop(shop))
        agenda.plan(work, domain, "shop_redact", domain, work.now + REDACT_AFTER, {})


def ask_redaction(sandbox: Sandbox, work: Work, domain: str, _subject: str, _body: Document) -> str:
    """48 hours after the uninstallation."""
    shop = work.need("shop", domain, domain)
    body = {"shop_id": shop["id"], "shop_domain": domain}
    announce(sandbox, work, domain, "shop/redact", body)
    return f"{domain}: shop/redact"


def edit_shop(sandbox: Sandbox, domain: str, **changes: Any) -> Document:
    """Change the shop's name, e-mail, language, plan or phone."""
    with sandbox.work(domain) as work:
        shop = work.need("shop", domain, domain)
        shop.update({name: value for name, value in changes.items() if name in EDITABLE})
        shop["updated_at"] = work.stamp
        work.put("shop", domain, domain, shop)
        announce(sandbox, work, domain, "shop/update", payloads.shop(shop))
        return shop


def _staff_id(work: Work, domain: str, staff_id: int | None) -> int:
    people = work.need("shop", domain, domain)["staff"]
    known = {one["id"] for one in people}
    if staff_id is not None and staff_id not in known:
        raise Refused("Nobody with this number works here.")
    return int(staff_id or people[0]["id"])


def issue_id_token(sandbox: Sandbox, domain: str, staff_id: int | None = None) -> str:
    """An ID token for the app in the admin; the owner's unless somebody else is named."""
    with sandbox.work() as work:
        if work.get("installation", domain, "app") is None:
            raise Refused("The app is not installed.")
        person = _staff_id(work, domain, staff_id)
    session = hashlib.sha256(f"{domain}:{person}".encode()).hexdigest()
    return tokens.id_token(sandbox.settings, domain, person, session)


def issue_session_token(
    sandbox: Sandbox, domain: str, customer_id: int | None = None, *, at_checkout: bool = True
) -> str:
    """The session token of an extension at the checkout or in the customer's account."""
    customer = payloads.gid("Customer", customer_id) if customer_id else None
    return tokens.session_token(sandbox.settings, domain, customer, at_checkout=at_checkout)


def host_parameter(sandbox: Sandbox, domain: str) -> str:
    """`host`: where the admin is, for App Bridge."""
    place = f"{sandbox.settings.host}/admin/store/{domain.split('.', 1)[0]}"
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def query_signature(secret: str, values: dict[str, str]) -> str:
    """`hmac` of a query that Shopify signs for the OAuth flow and App Home."""
    text = "&".join(f"{key}={values[key]}" for key in sorted(values))
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def app_home_url(
    sandbox: Sandbox,
    domain: str,
    *,
    path: str = "",
    locale: str | None = None,
    staff_id: int | None = None,
) -> str:
    """The URL that the admin puts into its frame."""
    settings = sandbox.settings
    with sandbox.work() as work:
        shop = work.need("shop", domain, domain)
    values = {
        "embedded": "1", "host": host_parameter(sandbox, domain),
        "id_token": issue_id_token(sandbox, domain, staff_id), "locale": locale or shop["locale"],
        "session": secrets.token_hex(32), "shop": domain, "timestamp": str(int(time.time())),
    }  # fmt: skip
    values["hmac"] = query_signature(settings.client_secret, values)
    home = settings.app_url.rstrip("/") + settings.app.home_path.rstrip("/")
    return f"{home}{path}?{urlencode(values)}"
