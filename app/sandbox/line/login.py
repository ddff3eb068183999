"""LINE Login and account linking: who the person on this phone is, told to whom they allow it."""

from __future__ import annotations

import re
import secrets
import time
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import jwt

from app.core.clock import machine_now
from app.sandbox.line.accounts import account, by
from app.sandbox.line.events import tell
from app.sandbox.line.messaging import LineRefused
from app.sandbox.line.people import PEOPLE, befriend, friendship, person_of, user_id
from app.sandbox.running import Sandbox
from app.sandbox.store import Document, Refused, Work, moment

ISSUER = "https://access.line.me"
CODE, LINK_TOKEN, ID_TOKEN_S = timedelta(minutes=10), timedelta(minutes=10), 3600
ACCESS_S, STATELESS_S = 30 * 86400, 900
NONCE = re.compile(r"[\w+/=.~-]{10,255}")


def check_authorize(work: Work, query: dict[str, str]) -> Document:
    """The account whose Login channel asks; Refused with what is wrong, as LINE's page says it."""
    ours = by(work, login_channel_id=query.get("client_id", ""))
    if ours is None:
        raise Refused("400 Bad Request: invalid client_id.")
    if query.get("redirect_uri") not in ours["callback_urls"]:
        raise Refused("400 Bad Request: Invalid redirect_uri value. Check if it is registered.")
    scopes = query.get("scope", "").split()
    if query.get("response_type") != "code" or not {"profile", "openid"} & set(scopes):
        raise Refused("400 Bad Request: response_type and scope are required.")
    if not query.get("state"):
        raise Refused("400 Bad Request: state is required.")
    return ours


def asking(sandbox: Sandbox, query: dict[str, str]) -> Document:
    """Who asks, for the consent page."""
    with sandbox.work() as work:
        return check_authorize(work, query)


def allow(sandbox: Sandbox, query: dict[str, str], person: str, *, add_friend: bool) -> str:
    """The person agrees; where the browser goes on to."""
    with sandbox.work() as work:
        domain = str(check_authorize(work, query)["domain"])
    with sandbox.work(domain) as work:
        ours = account(work, domain)
        before = friendship(work, domain, person)
        if add_friend:
            befriend(work, domain, person)
        code = secrets.token_urlsafe(15)
        held = {
            "person": person,
            "redirect_uri": query["redirect_uri"],
            "nonce": query.get("nonce"),
            "scope": query.get("scope", ""),
            "until": (machine_now() + CODE).isoformat(),
        }
        work.put("line_code", ours["domain"], code, held)
    told = {"code": code, "state": query["state"]}
    if query.get("bot_prompt"):
        told["friendship_status_changed"] = str(add_friend and before != "friend").lower()
    return f"{query['redirect_uri']}?{urlencode(told)}"


def refuse(sandbox: Sandbox, query: dict[str, str]) -> str:
    """The person declines; where the browser goes on to."""
    with sandbox.work() as work:
        check_authorize(work, query)
    told = {"error": "access_denied", "error_description": "The user has denied the request.",
            "state": query["state"]}  # fmt: skip
    return f"{query['redirect_uri']}?{urlencode(told)}"


def token(work: Work, form: dict[str, Any]) -> Document:
    """Redeem a code; LineRefused with OAuth's error code."""
    ours = by(
        work,
        login_channel_id=str(form.get("client_id", "")),
        login_channel_secret=str(form.get("client_secret", "")),
    )
    if ours is None:
        raise LineRefused(400, "invalid_client")
    code = str(form.get("code", ""))
    held = work.get("line_code", ours["domain"], code)
    if held is None or moment(held["until"]) <= machine_now():
        raise LineRefused(400, "invalid_grant")
    if held["redirect_uri"] != form.get("redirect_uri"):
        raise LineRefused(400, "invalid_grant")
    work.drop("line_code", ours["domain"], code)
    access = secrets.token_urlsafe(32)
    owned = {"token": access, "person": held["person"], "domain": ours["domain"]}
    work.put("line_access", ours["domain"], access, owned)
    answer = {
        "access_token": access,
        "expires_in": ACCESS_S,
        "refresh_token": secrets.token_urlsafe(16),
        "scope": held["scope"],
        "token_type": "Bearer",
    }
    if "openid" in held["scope"].split():
        answer["id_token"] = _id_token(ours, held)
    return answer


def _id_token(ours: Document, held: Document) -> str:
    now = int(time.time())
    claims = {
        "iss": ISSUER,
        "sub": user_id(ours, held["person"]),
        "aud": ours["login_channel_id"],
        "exp": now + ID_TOKEN_S,
        "iat": now,
        "amr": ["linesso"],
        "name": PEOPLE[held["person"]]["name"],
    }
    if held["nonce"]:
        claims["nonce"] = held["nonce"]
    return jwt.encode(claims, ours["login_channel_secret"], algorithm="HS256")


def verify(work: Work, form: dict[str, Any]) -> Document:
    """`verify`: the claims of an ID token that is good."""
    ours = by(work, login_channel_id=str(form.get("client_id", "")))
    if ours is None:
        raise LineRefused(400, "invalid_request")
    try:
        claims: Document = jwt.decode(
            str(form.get("id_token", "")),
            ours["login_channel_secret"],
            algorithms=["HS256"],
            audience=ours["login_channel_id"],
            issuer=ISSUER,
        )
    except jwt.PyJWTError as error:
        raise LineRefused(400, "invalid_request") from error
    wanted = {"nonce": form.get("nonce"), "sub": form.get("user_id")}
    if any(value and claims.get(name) != value for name, value in wanted.items()):
        raise LineRefused(400, "invalid_request")
    return claims


def whose_access(work: Work, bearer: str) -> tuple[Document, str]:
    """The account and person of a Login access token."""
    held = work.one("line_access", None, token=bearer)
    if held is None:
        raise LineRefused(401, "invalid token")
    return account(work, held["domain"]), str(held["person"])


def stateless(work: Work, form: dict[str, Any]) -> Document:
    """A channel access token of fifteen minutes, for the channel's id and secret."""
    ours = by(
        work,
        channel_id=str(form.get("client_id", "")),
        channel_secret=str(form.get("client_secret", "")),
    )
    if ours is None or form.get("grant_type") != "client_credentials":
        raise LineRefused(400, "invalid_client")
    made = secrets.token_urlsafe(96)
    until = (machine_now() + timedelta(seconds=STATELESS_S)).isoformat()
    owned = {"token": made, "until": until, "domain": ours["domain"]}
    work.put("line_stateless", ours["domain"], made, owned)
    return {"token_type": "Bearer", "access_token": made, "expires_in": STATELESS_S}


def channel_of(work: Work, bearer: str) -> Document:
    """The account a channel access token is good for."""
    ours = by(work, channel_token=bearer) if bearer else None
    if ours is not None:
        return ours
    held = work.one("line_stateless", None, token=bearer) if bearer else None
    if held is not None and moment(held["until"]) > machine_now():
        return account(work, held["domain"])
    raise LineRefused(
        401, "Authentication failed. Confirm that the access token in the authorization header is"
        " valid.",
    )  # fmt: skip


def link_token(work: Work, ours: Document, user: str) -> Document:
    """A link token for a friend: ten minutes, once."""
    person = person_of(ours, user)
    if person is None or friendship(work, ours["domain"], person) != "friend":
        raise LineRefused(404, "Not found")
    made = secrets.token_urlsafe(24)
    until = (machine_now() + LINK_TOKEN).isoformat()
    owned = {"token": made, "person": person, "until": until, "domain": ours["domain"]}
    work.put("line_link", ours["domain"], made, owned)
    return {"linkToken": made}


def link(sandbox: Sandbox, token: str, nonce: str, person: str) -> str:
    """The dialog: tell the account that this person's LINE and its own account are one; returns
    the shop's domain. Refused when the token is not this person's, or is used up."""
    if not NONCE.fullmatch(nonce):
        raise Refused("400 Bad Request: the nonce must be 10 to 255 characters.")
    with sandbox.work() as work:
        found = work.one("line_link", None, token=token)
    if found is None:
        raise Refused("400 Bad Request: this link is not valid any more.")
    domain = str(found["domain"])
    with sandbox.work(domain) as work:
        held = work.need("line_link", domain, token)
        work.drop("line_link", domain, token)
        good = held["person"] == person and moment(held["until"]) > machine_now()
        event = {"type": "accountLink",
                 "link": {"result": "ok" if good else "failed", "nonce": nonce}}  # fmt: skip
        ours = account(work, domain)
        tell(work, domain, event, user=user_id(ours, person), reply=good)
    if not good:
        raise Refused("400 Bad Request: this link belongs to somebody else, or is too old.")
    return domain
