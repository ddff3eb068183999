"""`/admin/oauth/…`: token exchange, refresh, and the authorization-code grant."""

from __future__ import annotations

import hmac
import secrets
import time
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from app.core.clock import machine_now
from app.core.places import japanese
from app.sandbox import tokens
from app.sandbox.admin import host_parameter, install, query_signature
from app.sandbox.running import Sandbox
from app.sandbox.store import Document, Refused, Work, moment
from app.sandbox.tokens import TokenRefused

EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token"  # noqa: S105  # a type's name
KINDS = {
    "urn:shopify:params:oauth:token-type:offline-access-token": "offline",
    "urn:shopify:params:oauth:token-type:online-access-token": "online",
}
CODE_S = 60


def access_token(sandbox: Sandbox, domain: str, form: dict[str, Any]) -> Document:
    """Answer `POST /admin/oauth/access_token`; TokenRefused with Shopify's error code."""
    settings = sandbox.settings
    known = hmac.compare_digest(str(form.get("client_id", "")), settings.client_id)
    secret = str(form.get("client_secret", "")).encode()
    if not known or not hmac.compare_digest(secret, settings.client_secret.encode()):
        raise TokenRefused("invalid_client")
    with sandbox.work(domain) as work:
        if work.get("installation", domain, "app") is None:
            raise TokenRefused("application_cannot_be_found")
        return _granted(sandbox, work, domain, form)


def _granted(sandbox: Sandbox, work: Work, domain: str, form: dict[str, Any]) -> Document:
    grant = form.get("grant_type", "authorization_code")
    if grant == EXCHANGE:
        return _exchange(sandbox, work, domain, form)
    if grant == "refresh_token":
        return _answer(tokens.refresh(work, domain, str(form.get("refresh_token", ""))))
    if grant == "authorization_code":
        return _redeem_code(work, domain, form)
    raise TokenRefused("unsupported_grant_type")


def _exchange(sandbox: Sandbox, work: Work, domain: str, form: dict[str, Any]) -> Document:
    kind = KINDS.get(str(form.get("requested_token_type")))
    if kind is None or form.get("subject_token_type") != ID_TOKEN:
        raise TokenRefused("invalid_request")
    claims = tokens.read_id_token(sandbox.settings, domain, str(form.get("subject_token", "")))
    scopes = work.need("installation", domain, "app")["scopes"]
    expiring = _wants_expiring(form)
    if kind == "offline":
        return _answer(tokens.issue(work, domain, scopes, expiring=expiring))
    person = _person(work, domain, claims["sub"])
    staff_id = person["associated_user"]["id"]
    issued = tokens.issue(work, domain, scopes, expiring=expiring, staff_id=staff_id)
    return {**_answer(issued), **person}


def _wants_expiring(form: dict[str, Any]) -> bool:
    return str(form.get("expiring", "")) in ("1", "true", "True")


def _person(work: Work, domain: str, staff_id: str) -> Document:
    """Who an online token is for; whoever works here no more is refused."""
    shop = work.need("shop", domain, domain)
    person = next((one for one in shop["staff"] if str(one["id"]) == staff_id), None)
    if person is None:
        raise TokenRefused("invalid_subject_token")
    # The catalogue writes names as their people do, in Japan the family's first.
    first, last = person["name"].split(" ", 1)[:: -1 if japanese(person["name"]) else 1]
    return {
        "associated_user_scope": "", "associated_user": {
            "id": person["id"], "first_name": first, "last_name": last, "email": person["email"],
            "account_owner": person["owner"], "locale": shop["locale"], "collaborator": False,
            "email_verified": True,
        },
    }  # fmt: skip


def _answer(issued: Document) -> Document:
    answer = {"access_token": issued["token"], "scope": ",".join(issued["scopes"])}
    if issued["expires_at"]:
        answer["expires_in"] = _seconds(issued["expires_at"])
    if issued["refresh"]:
        answer["refresh_token"] = issued["refresh"]["token"]
        answer["refresh_token_expires_in"] = _seconds(issued["refresh"]["expires_at"])
    return answer


def _seconds(stamp: str) -> int:
    return round((moment(stamp) - machine_now()).total_seconds())


def _redeem_code(work: Work, domain: str, form: dict[str, Any]) -> Document:
    code = str(form.get("code", ""))
    held = work.get("oauth_code", domain, code)
    if held is None or moment(held["expires_at"]) <= machine_now():
        raise TokenRefused("invalid_request")
    work.drop("oauth_code", domain, code)
    return _answer(tokens.issue(work, domain, held["scopes"], expiring=_wants_expiring(form)))


def check_authorize(sandbox: Sandbox, query: dict[str, str]) -> None:
    """Whether an authorization may be asked for like this; Refused with the reason if not."""
    settings = sandbox.settings
    if query.get("client_id") != settings.client_id:
        raise Refused("No app has this client id.")
    target, ours = urlsplit(query.get("redirect_uri", "")), urlsplit(settings.app_url)
    allowed = target.path in settings.app.redirect_paths
    if (target.scheme, target.netloc) != (ours.scheme, ours.netloc) or not allowed:
        raise Refused("The redirect_uri is not among those of the app's configuration.")
    wanted = {one for one in query.get("scope", "").split(",") if one}
    if wanted - set(settings.app.scopes):
        raise Refused("The app asks for scopes that its configuration does not name.")


def authorize(sandbox: Sandbox, domain: str, query: dict[str, str]) -> str:
    """The merchant agrees: install, and send the browser back with a code."""
    check_authorize(sandbox, query)
    granted = install(sandbox, domain)
    code = secrets.token_hex(16)
    ends = (machine_now() + timedelta(seconds=CODE_S)).isoformat()
    with sandbox.work(domain) as work:
        held = {"scopes": granted["scopes"], "expires_at": ends}
        work.put("oauth_code", domain, code, held)
    values = {
        "code": code, "host": host_parameter(sandbox, domain), "shop": domain,
        "state": query.get("state", ""), "timestamp": str(int(time.time())),
    }  # fmt: skip
    values["hmac"] = query_signature(sandbox.settings.client_secret, values)
    return f"{query['redirect_uri']}?{urlencode(values)}"
