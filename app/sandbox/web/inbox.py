"""The inbox: every mail the sandbox's SMTP server took, as its reader would see it."""

from __future__ import annotations

import re
from typing import Any

from flask import Response, jsonify, redirect, render_template, request, url_for

from app.core.errors import NotFound
from app.sandbox import verbs
from app.sandbox.running import here
from app.sandbox.web.shell import Answer, face

inbox = face("inbox")

DARK_ONLY = re.compile(r"\(\s*prefers-color-scheme\s*:\s*dark\s*\)", re.IGNORECASE)
#: A mail may show pictures and its own styles; it may run, load and send nothing.
MAIL_CSP = (
    "default-src 'none'; img-src * data:; style-src 'unsafe-inline'; font-src data:; "
    "sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation"
)


@inbox.get("/inbox")
def index() -> Answer:
    """All mails, newest first; `to` searches the recipients."""
    to = request.args.get("to", "").strip()
    return render_template("sandbox/inbox.html", mails=verbs.mails(here(), to=to or None), to=to)


@inbox.get("/inbox.json")
def index_json() -> Answer:
    """The same for programs, with the bodies."""
    to = request.args.get("to", "").strip()
    limit = request.args.get("limit", 100, type=int)
    found = verbs.mails(here(), to=to or None, limit=limit)
    return jsonify(mails=[verbs.mail(here(), one["id"]) for one in found])


@inbox.get("/inbox/<int:mail_id>")
def show(mail_id: int) -> Answer:
    """One mail: HTML, text or headers."""
    mail = _mail(mail_id)
    view = request.args.get("view", "")
    if view not in ("html", "text", "headers"):
        view = "html" if mail["html"] else "text"
    return render_template(
        "sandbox/mail.html",
        mail=mail,
        view=view,
        narrow=request.args.get("width") == "mobile",
        dark=request.args.get("dark") == "1",
    )


@inbox.get("/inbox/<int:mail_id>.html")
def body(mail_id: int) -> Answer:
    """The HTML part alone, for the frame."""
    mail = _mail(mail_id)
    dark = request.args.get("dark") == "1"
    # What the mail has ready for dark mail programs is what this one looks for.
    html = DARK_ONLY.sub("(min-width: 0)" if dark else "(max-width: 0)", mail["html"] or "")
    # Links of a mail open outside the frame, as in any mail program.
    html = _with_head(html, '<base target="_blank">')
    response = Response(html, mimetype="text/html")
    response.headers["Content-Security-Policy"] = MAIL_CSP
    return response


def _with_head(html: str, head: str) -> str:
    at = html.lower().find("<head")
    end = html.find(">", at) + 1 if at >= 0 else 0
    return html[:end] + head + html[end:]


@inbox.get("/inbox/<int:mail_id>.eml")
def raw(mail_id: int) -> Answer:
    """The mail as it came over the wire."""
    _mail(mail_id)
    return Response(verbs.mail_raw(here(), mail_id), mimetype="message/rfc822")


@inbox.post("/inbox/clear")
def clear() -> Answer:
    """Empty the inbox."""
    verbs.clear_mails(here())
    return redirect(url_for("sandbox_inbox.index"), 303)


def _mail(mail_id: int) -> dict[str, Any]:
    found: dict[str, Any] | None = verbs.mail(here(), mail_id)
    if found is None:
        raise NotFound(str(mail_id))
    return found
