"""LINE on this machine: the phone with its chats, LINE's dialogs, and the merchant's consoles."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import unquote

from flask import Response, abort, redirect, render_template, request, url_for

from app.sandbox.line import accounts, events, login, menus, messaging, notices, people
from app.sandbox.line.people import PEOPLE
from app.sandbox.running import here
from app.sandbox.store import Document, Refused
from app.sandbox.web.shell import Answer, a_shop, face

line = face("line")

PHONE_COOKIE = "sandbox_phone"


def _owner() -> str:
    """Whose phone this browser is."""
    person = request.cookies.get(PHONE_COOKIE, "")
    return person if person in PEOPLE else next(iter(PEOPLE))


# --- the phone --------------------------------------------------------------------------------


@line.get("/line")
def phone() -> Answer:
    """The phone: its owner's chats, and the accounts that are not friends yet."""
    found = []
    for ours in accounts.accounts(here()):
        state = people.friendship_of(here(), ours["domain"], _owner())
        lines = people.chat(here(), ours["domain"], _owner())
        found.append((ours, state, lines[-1] if lines else None))
    return render_template(
        "sandbox/line/phone.html", chats=found, owner=_owner(), people=PEOPLE,
        notices=notices.choice_of(here(), _owner()),
    )  # fmt: skip


@line.post("/line/notices")
def choose_notices() -> Answer:
    """The phone's owner decides about LINE notification messages, as in LINE's own settings."""
    notices.choose(here(), _owner(), request.form.get("choice", ""))
    return redirect(url_for("sandbox_line.phone"), 303)


@line.post("/line/phone")
def change_phone() -> Answer:
    """Take somebody else's phone in hand."""
    person = request.form.get("person", "")
    if person not in PEOPLE:
        abort(422)
    response = redirect(url_for("sandbox_line.phone"), 303)
    response.set_cookie(PHONE_COOKIE, person, max_age=365 * 86400, samesite="Lax")
    return response


@line.get("/line/chat/<domain>")
def chat(domain: str) -> Answer:
    """One chat, as a phone shows it."""
    a_shop(domain)
    return render_template("sandbox/line/chat.html", **_chat(domain))


@line.get("/line/chat/<domain>/bubbles")
def bubbles(domain: str) -> Answer:
    """The bubbles alone, for the page to look after."""
    a_shop(domain)
    return render_template("sandbox/line/bubbles.html", **_chat(domain))


def _chat(domain: str) -> dict[str, Any]:
    ours = accounts.account_of(here(), domain)
    with here().work() as work:
        menu = menus.under_chat(work, ours)
    return {
        "ours": ours,
        "owner": _owner(),
        "people": PEOPLE,
        "state": people.friendship_of(here(), domain, _owner()),
        "lines": people.chat(here(), domain, _owner()),
        "menu": menu,
    }


@line.get("/line/chat.json")
def chat_json() -> Answer:
    """A chat for programs."""
    domain, person = request.args.get("shop", ""), request.args.get("person", _owner())
    return {"lines": people.chat(here(), domain, person)}  # type: ignore[return-value]  # Flask's own


@line.post("/line/chat/<domain>/<deed>")
def act(domain: str, deed: str) -> Answer:
    """Add, block, say something, or tap a button."""
    a_shop(domain)
    form, person = request.form, _owner()
    if deed == "follow":
        people.follow(here(), domain, person)
    elif deed == "block":
        people.block(here(), domain, person)
    elif deed == "say" and form.get("words", "").strip():
        people.say(here(), domain, person, form["words"].strip())
    elif deed == "tap" and form.get("data"):
        people.tap(here(), domain, person, form["data"], form.get("display_text") or None)
    elif deed not in ("say", "tap"):
        abort(404)
    return redirect(url_for("sandbox_line.chat", domain=domain), 303)


@line.get("/line/menu/<domain>/<number>")
def menu_picture(domain: str, number: str) -> Answer:
    """A rich menu's picture."""
    with here().work() as work:
        found = menus.menu(work, accounts.account(work, domain), number)
    if "picture" not in found:
        abort(404)
    return Response(base64.b64decode(found["picture"]), mimetype=found["kind"])


@line.get("/line/R/ti/p/<basic_id>")
def friend_link(basic_id: str) -> Answer:
    """The friend-add link (line.me/R/ti/p/@…): the account's face with its button."""
    ours = next((one for one in accounts.accounts(here()) if one["basic_id"] == basic_id), None)
    if ours is None:
        abort(404)
    state = people.friendship_of(here(), ours["domain"], _owner())
    return render_template(
        "sandbox/line/friend.html", ours=ours, state=state, owner=_owner(), people=PEOPLE
    )


@line.get("/line/R/oaMessage/<basic_id>/")
def written(basic_id: str) -> Answer:
    """line.me/R/oaMessage: opens the chat with words already typed."""
    ours = next((one for one in accounts.accounts(here()) if one["basic_id"] == basic_id), None)
    if ours is None:
        abort(404)
    words = unquote(request.query_string.decode())
    return redirect(url_for("sandbox_line.chat", domain=ours["domain"], words=words), 303)


# --- dialogs ----------------------------------------------------------------------------------


@line.get("/line/access/oauth2/v2.1/authorize")
def consent() -> Answer:
    """LINE Login: what the app wants to know, and whether to add the account as a friend."""
    query = request.args.to_dict()
    ours = login.asking(here(), query)
    state = people.friendship_of(here(), ours["domain"], _owner())
    return render_template(
        "sandbox/line/consent.html",
        ours=ours, query=query, state=state, owner=_owner(), people=PEOPLE,
    )  # fmt: skip


@line.post("/line/access/oauth2/v2.1/authorize")
def consented() -> Answer:
    """The person's answer."""
    query = {name: value for name, value in request.form.items() if not name.startswith("_")}
    if request.form.get("_answer") != "allow":
        return redirect(login.refuse(here(), query), 303)
    add = request.form.get("_friend") == "1"
    return redirect(login.allow(here(), query, _owner(), add_friend=add), 303)


@line.get("/line/access/dialog/bot/accountLink")
def link() -> Answer:
    """Account linking: LINE asks nothing more of its person here; a GET only shows the button, so
    that a preview cannot link anybody."""
    return render_template(
        "sandbox/line/link.html",
        token=request.args.get("linkToken", ""),
        nonce=request.args.get("nonce", ""),
        owner=_owner(),
        people=PEOPLE,
    )


@line.post("/line/access/dialog/bot/accountLink")
def linked() -> Answer:
    """Link, and go to the chat."""
    form = request.form
    domain = login.link(here(), form.get("linkToken", ""), form.get("nonce", ""), _owner())
    return redirect(url_for("sandbox_line.chat", domain=domain), 303)


# --- the consoles -----------------------------------------------------------------------------


@line.get("/line/console/<domain>")
def console(domain: str) -> Answer:
    """LINE Developers and the account manager on one page: ids, secrets, addresses, deliveries."""
    shop = a_shop(domain)
    return _console(shop)


def _console(shop: Document, wrong: str = "", status: int = 200) -> Answer:
    domain = shop["domain"]
    ours = accounts.account_of(here(), domain)
    with here().work() as work:
        used = messaging.consumption(work, ours)
    page = render_template(
        "sandbox/line/console.html",
        shop=shop, ours=ours, used=used, wrong=wrong,
        deliveries=events.deliveries(here(), domain),
    )  # fmt: skip
    return page, status


@line.post("/line/console/<domain>")
def configure(domain: str) -> Answer:
    """Save what a merchant may change."""
    shop, form = a_shop(domain), request.form
    try:
        accounts.edit(
            here(),
            domain,
            callback_urls=form.get("callback_urls", "").split(),
            use_webhook=form.get("use_webhook") == "1",
            redelivery=form.get("redelivery") == "1",
            notices=form.get("notices") == "1",
            quota=max(0, form.get("quota", accounts.FREE_QUOTA, type=int)),
        )
    except Refused as error:
        return _console(shop, str(error), 422)
    return redirect(url_for("sandbox_line.console", domain=domain), 303)
