"""Access tokens, refresh tokens and the tokens that name a person. Machine time only."""

from __future__ import annotations

import secrets
import time
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import jwt

from app.core.clock import machine_now
from app.sandbox.settings import SandboxSettings
from app.sandbox.store import Document, Work, moment

ACCESS_S, REFRESH_S = 3600, 90 * 86400
#: A token of one person ends with their day, and has no refresh token.
ONLINE_S = 86399
#: The old refresh token may be tried again until its replacement is used, for so long at most.
RETRY_S = 30 * 86400
ID_TOKEN_S, SESSION_TOKEN_S = 60, 300


class TokenRefused(Exception):
    """The OAuth error code that Shopify answers with."""


def id_token(settings: SandboxSettings, domain: str, staff_id: int, session: str) -> str:
    """What App Bridge hands out: a staff member in the admin."""
    claims = {"iss": f"https://{domain}/admin", "sub": str(staff_id), "sid": session}
    return _signed(settings, domain, claims, ID_TOKEN_S)


def session_token(
    settings: SandboxSettings, domain: str, customer: str | None, *, at_checkout: bool = True
) -> str:
    """What an extension gets; it names the customer only when one is logged in. A token of the
    customer's account names no issuer and the bare host."""
    claims: dict[str, Any] = {"sub": customer} if customer else {}
    claims |= {"iss": f"https://{domain}/checkouts"} if at_checkout else {"dest": domain}
    return _signed(settings, domain, claims, SESSION_TOKEN_S)


def _signed(settings: SandboxSettings, domain: str, claims: dict[str, Any], life: int) -> str:
    now = int(time.time())
    body = {
        "dest": f"https://{domain}", **claims, "aud": settings.client_id, "exp": now + life,
        "nbf": now, "iat": now, "jti": str(uuid4()),
    }  # fmt: skip
    return jwt.encode(body, settings.client_secret, algorithm="HS256")


def read_id_token(settings: SandboxSettings, domain: str, token: str) -> dict[str, Any]:
    """The claims of an ID token presented for exchange; TokenRefused for anything wrong with it."""
    try:
        claims: dict[str, Any] = jwt.decode(
            token, settings.client_secret, algorithms=["HS256"], audience=settings.client_id,
            leeway=10, options={"require": ["exp", "nbf", "iss", "dest", "aud", "sub"]},
        )  # fmt: skip
    except jwt.PyJWTError as error:
        raise TokenRefused("invalid_subject_token") from error
    if claims["dest"] != f"https://{domain}" or claims["iss"] != f"https://{domain}/admin":
        raise TokenRefused("invalid_subject_token")
    return claims


def issue(
    work: Work, domain: str, scopes: list[str], *, expiring: bool, staff_id: int | None = None
) -> Document:
    """A new access token, with a refresh token when it expires. An online one names its person."""
    now = machine_now()
    access: Document = {
        "token": ("shpua_" if staff_id else "shpat_") + secrets.token_hex(16), "scopes": scopes,
        "expires_at": _ends(now, expiring=expiring, online=bool(staff_id)),
        "retired": False, "staff_id": staff_id,
    }  # fmt: skip
    work.put("access_token", domain, access["token"], access)
    if not expiring or staff_id:
        return {**access, "refresh": None}
    refresh = _refresh_token(work, domain, access["token"], now)
    return {**access, "refresh": refresh}


def _ends(now: datetime, *, expiring: bool, online: bool) -> str | None:
    if online:
        return _after(now, ONLINE_S)
    return _after(now, ACCESS_S) if expiring else None


def _refresh_token(work: Work, domain: str, access: str, now: datetime) -> Document:
    token = "shprt_" + secrets.token_hex(16)
    return work.put(
        "refresh_token", domain, token,
        {"token": token, "access": access, "expires_at": _after(now, REFRESH_S),
         "first_used_at": None, "replacement": None, "retired": False},
    )  # fmt: skip


def _after(now: datetime, seconds: int) -> str:
    return (now + timedelta(seconds=seconds)).isoformat()


def refresh(work: Work, domain: str, token: str) -> Document:
    """Exchange a refresh token. An old one may be tried again, and answers with the replacement it
    has had, until that replacement is first used; that retires it."""
    now = machine_now()
    old = work.get("refresh_token", domain, token)
    if old is None or not _good(old, now):
        raise TokenRefused("invalid_grant")
    for predecessor in work.find("refresh_token", domain, replacement=token):
        work.put("refresh_token", domain, predecessor["token"], {**predecessor, "retired": True})
    before = work.need("access_token", domain, old["access"])
    access = {
        **before, "token": "shpat_" + secrets.token_hex(16), "expires_at": _after(now, ACCESS_S),
    }  # fmt: skip
    work.put("access_token", domain, access["token"], access)
    if old["replacement"]:
        return {**access, "refresh": work.need("refresh_token", domain, old["replacement"])}
    fresh = _refresh_token(work, domain, access["token"], now)
    old.update(first_used_at=now.isoformat(), replacement=fresh["token"])
    work.put("refresh_token", domain, token, old)
    return {**access, "refresh": fresh}


def _good(token: Document, now: datetime) -> bool:
    if token["retired"] or moment(token["expires_at"]) <= now:
        return False
    first = token["first_used_at"]
    return first is None or now - moment(first) <= timedelta(seconds=RETRY_S)


def find_access(work: Work, domain: str, token: str) -> Document | None:
    """A token that is good now."""
    found = work.get("access_token", domain, token)
    if found is None or found["retired"]:
        return None
    ended = found["expires_at"] is not None and moment(found["expires_at"]) <= machine_now()
    return None if ended else found


def revoke_all(work: Work, domain: str) -> None:
    """The app is uninstalled: no token of the shop is good any more."""
    for kind in ("access_token", "refresh_token"):
        for one in work.find(kind, domain, retired=False):
            work.put(kind, domain, one["token"], {**one, "retired": True})
