"""Who may come in. Every blueprint is registered through a door, and each door has a guard that
verifies the caller, binds the shop and opens the request's one unit of work.

The unit of work is committed when the answer is a success and rolled back when it is not; that of
a GET is read-only in the database itself. What a guard finds out in passing about the shop (the
prefix of its app proxy) is left to a bell.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import structlog
from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    g,
    make_response,
    redirect,
    render_template,
    request,
)
from sqlalchemy import text
from werkzeug.wrappers.response import Response as BaseResponse

from app.core import links
from app.core.clock import now
from app.core.db import unit_of_work
from app.core.errors import Forbidden, GiveUp, Gone, TryLater
from app.core.keeping import Kept
from app.core.locale import LANGUAGES, choose_locale, use_locale
from app.core.page import error_page
from app.core.queue import ring
from app.core.request import Visit
from app.core.runtime import runtime
from app.core.tenancy import find_shop
from app.doors.headers import dress, press
from app.senders import hooks as sender_hooks
from app.shopify import verify
from app.shops import service as shops
from app.shops import tokens

log = structlog.get_logger(__name__)

Guard = Callable[[], "BaseResponse | None"]
#: What people may say no with, whatever became of the shop.
LASTING = ("unsubscribe", "preferences")
#: Where programs ask, and the merchant.
NO_PAGES = ("/widget", "/hooks", "/app", "/auth")
#: Shopify's largest orders stay far below; what is larger is refused before it is read.
LARGEST_WEBHOOK = 5 * 1024 * 1024


@dataclass(frozen=True)
class Door:
    """One blueprint behind one kind of door. `kind`: admin, widget, proxy, public, signal, store,
    hooks, email, open. A public door's `purpose` is that of the signed link in its path."""

    kind: str
    prefix: str
    blueprint: Blueprint
    purpose: str = ""


class ShopLeft(Gone):
    """The shop has taken the app out: its pages are closed, and whoever stands there is told."""


def open_doors(app: Flask, doors: Sequence[Door]) -> None:
    """Register every blueprint with its guard."""
    guarded: dict[str, str] = {}
    for door in doors:
        # The guard belongs to this app, not to the module-level blueprint: two apps may exist.
        app.before_request_funcs.setdefault(door.blueprint.name, []).append(_at(door))
        guarded[door.blueprint.name] = door.kind
        app.register_blueprint(door.blueprint, url_prefix=door.prefix)
    app.extensions["okaeri.guards"] = guarded
    app.context_processor(_known)
    app.register_error_handler(verify.Refused, _refusal)
    app.register_error_handler(Gone, _over)
    app.register_error_handler(TryLater, _busy)
    app.register_error_handler(GiveUp, _given_up)
    app.before_request(_greet)
    # Flask calls them last first: headers are written while the shop's row is still readable.
    app.after_request(_finish)
    app.after_request(dress)
    app.after_request(press)
    app.teardown_request(_abandon)


def _at(door: Door) -> Guard:
    guard = GUARDS[door.kind](door)

    def come_in() -> BaseResponse | None:
        g.door = door.kind
        return guard()

    return come_in


def _busy(error: TryLater) -> Response:
    """Shopify has no time for somebody who stands at the door."""
    log.warning("shopify_busy", door=g.get("door"), reason=str(error))
    return error_page(503)


def _given_up(error: GiveUp) -> Response:
    """Shopify says that somebody at the door may not."""
    log.warning("shopify_refused", door=g.get("door"), reason=str(error))
    return error_page(403)


def _over(error: Gone) -> Response:
    """Whoever comes too late did nothing wrong: a page in the shop's name says what is over, and
    whom to ask. That the shop itself has left, its customers cannot know."""
    if g.get("shop") is None or request.path.startswith(NO_PAGES):
        return error_page(error.status)
    left = isinstance(error, ShopLeft)
    page = render_template(
        "public/left.html" if left else "public/error.html",
        status=error.status,
        brand=shops.brand(g.shop),
        # What was an order's page is found again by what its buyer knows of it.
        look_up=f"/track/{g.shop.domain.partition('.')[0]}"
        if request.path.startswith("/t/")
        else None,
    )
    return make_response(page, error.status)


def _refusal(error: verify.Refused) -> Response:
    """The plain answer of the status, with what the verifier wants the browser to know."""
    headers = dict(error.headers)
    location = headers.pop("Location", None)
    response = error_page(error.status) if location is None else _found(location)
    response.headers.update(headers)
    return response


def _found(location: str) -> Response:
    return make_response(redirect(location))


# --- the unit of work ---------------------------------------------------------------------------


def let_in(domain: str, shop_id: int, *, locale: str | None = None, **known: object) -> Visit:
    """Open the unit of work of a verified caller and put the visit where views find it. `locale`
    is the caller's wish; the shop's language is the second."""
    # A GET changes nothing: the database itself sees to that. What the merchant decided is asked
    # once for its whole time.
    reads = request.method in ("GET", "HEAD")
    g.work = unit_of_work(
        shop_id, only_reads=reads, keeping=Kept() if reads else None, stamp=shops.STAMP
    )
    session = g.work.__enter__()
    g.shop = shops.shop_at(session)
    spoken = choose_locale(locale, g.shop.locale if g.shop else None)
    g.speaking.enter_context(use_locale(spoken))
    g.visit = Visit(session=session, shop_id=shop_id, domain=domain, locale=spoken, **known)  # type: ignore[arg-type]
    visit: Visit = g.visit
    return visit


def _greet() -> None:
    """Until a door knows better, people are answered in their browser's language."""
    g.speaking = ExitStack()
    wish = request.accept_languages.best_match(LANGUAGES)
    g.speaking.enter_context(use_locale(choose_locale(wish)))


def _finish(response: Response) -> Response:
    """Commit a success; anything else leaves no trace. Bells ring after the commit."""
    work = g.pop("work", None)
    if work is not None:
        if response.status_code < 400:
            work.__exit__(None, None, None)
        else:
            _roll_back(work)
    return response


def _abandon(error: BaseException | None) -> None:  # noqa: ARG001  # Flask hands it over
    work = g.pop("work", None)
    if work is not None:
        _roll_back(work)
    speaking = g.pop("speaking", None)
    if speaking is not None:
        speaking.close()
    # An app context may outlive the request (a command's, a test's): the next visitor is another.
    for name in ("visit", "shop", "door", "delivery", "bearer"):
        g.pop(name, None)


class _NotDone(Exception):
    """Tells the unit of work to roll back."""


def _roll_back(work: object) -> None:
    try:
        work.__exit__(_NotDone, _NotDone(), None)  # type: ignore[attr-defined]
    except _NotDone:
        return


# --- the guards ---------------------------------------------------------------------------------


def _open(_door: Door) -> Guard:
    """Whoever comes; such views change nothing and bind no shop."""
    return lambda: None


def _admin(_door: Door) -> Guard:
    """Staff of a shop, by Shopify's ID token. The first visit installs: whatever needs the
    network is over before the unit of work opens."""

    def guard() -> None:
        caller = verify.admin(runtime().settings, request.method, our_url(), dict(request.headers))
        guest = tokens.welcome(caller, request.args.get("locale") if caller.document else None)
        let_in(
            caller.domain,
            guest.shop_id,
            locale=_admin_language(guest.locale),
            staff=caller.staff,
            claims=caller.claims,
        )

    return guard


def _admin_language(known: str | None) -> str | None:
    """What the admin speaks to this person: Shopify says it on documents, our script on fetches;
    what neither does (a download, a page that was asked for before our script stood) speaks as the
    last document did."""
    return (
        request.args.get("locale")
        or request.headers.get("Okaeri-Locale")
        or known
        or request.accept_languages.best_match(LANGUAGES)
    )


def _widget(_door: Door) -> Guard:
    """A buyer's page that runs our extension, by its session token; from any origin."""

    def guard() -> BaseResponse | None:
        if request.method == "OPTIONS":
            return make_response("", 204)
        caller = verify.widget(runtime().settings, request.method, our_url(), dict(request.headers))
        let_in(caller.domain, _installed(caller.domain), claims=caller.claims)
        _alive()
        return None

    return guard


def _proxy(_door: Door) -> Guard:
    """A shopper on the store's domain, by Shopify's signature on the query."""

    def guard() -> None:
        caller = verify.proxy(runtime().settings, request.method, our_url())
        visit = let_in(
            caller.domain, _installed(caller.domain), claims={"customer": caller.customer}
        )
        _alive()
        if caller.path_prefix and g.shop.proxy_prefix != caller.path_prefix:
            ring(visit.session, "shops.learn_prefix", str(visit.shop_id), caller.path_prefix)

    return guard


def _public(door: Door) -> Guard:
    """Whoever holds a link we signed for this purpose, while it lasts and the shop is with us.
    Unsubscribing works for a shop that has left, too: it may come back."""

    def guard() -> None:
        token = (request.view_args or {}).get("token", "")
        link = links.peek(token, door.purpose)
        # Who signed the link knew the reader's language; the page can be read in the other one too.
        wish = request.args.get("lang") or link.subject.get("lang")
        visit = let_in("", link.shop_id, locale=wish, claims=link.subject)
        if g.shop is None:
            raise Forbidden("This link is not valid.")
        visit.domain = g.shop.domain
        links.in_time(link, now(visit.session))
        if door.purpose not in LASTING:
            _alive()

    return guard


def _signal(door: Door) -> Guard:
    """Whatever follows a link that only leads on or only tells that a mail was opened. It works
    for ever and binds no shop: what it tells is kept apart from the answer."""

    def guard() -> None:
        g.bearer = links.peek((request.view_args or {}).get("token", ""), door.purpose)

    return guard


def _store(_door: Door) -> Guard:
    """Whoever names a shop by its handle in the path. Nobody is known here, so nothing can be
    changed, by a POST neither: the database sees to that."""

    def guard() -> None:
        handle = (request.view_args or {}).get("handle", "")
        domain = verify.shop_domain(f"{handle}.myshopify.com") or abort(403)
        wish = request.args.get("lang") or request.accept_languages.best_match(LANGUAGES)
        visit = let_in(domain, _installed(domain), locale=wish)
        visit.session.execute(text("SET TRANSACTION READ ONLY"))
        _alive()

    return guard


def _hooks(_door: Door) -> Guard:
    """Shopify's webhooks, by their HMAC. No shop is bound: the inbox sorts them itself."""

    def guard() -> None:
        request.max_content_length = LARGEST_WEBHOOK
        g.delivery = verify.webhook(
            runtime().settings, request.method, dict(request.headers), request.get_data()
        )

    return guard


def _email(_door: Door) -> Guard:
    """Mail providers' reports. The address names the shop, the provider signs; what its signature
    needs from the network is done before the unit of work opens."""

    def guard() -> None:
        request.max_content_length = LARGEST_WEBHOOK
        named = request.view_args or {}
        link = links.peek(named.get("token", ""), sender_hooks.PURPOSE)
        if not sender_hooks.vouched(named.get("provider", ""), request.get_data()):
            abort(401)
        visit = let_in("", link.shop_id, claims=link.subject)
        _alive()
        visit.domain = g.shop.domain

    return guard


GUARDS: dict[str, Callable[[Door], Guard]] = {
    "open": _open,
    "admin": _admin,
    "widget": _widget,
    "proxy": _proxy,
    "public": _public,
    "signal": _signal,
    "store": _store,
    "hooks": _hooks,
    "email": _email,
}


def our_url() -> str:
    """The request's URL as the world sees it, whatever stands in front of us."""
    return runtime().settings.app_url.rstrip("/") + request.full_path


def _installed(domain: str) -> int:
    shop_id = find_shop(domain)
    if shop_id is None:
        abort(403)
    return shop_id


def _alive() -> None:
    if g.shop is None or not shops.is_installed(g.shop):
        raise ShopLeft("This link is no longer valid.")


def _known() -> dict[str, str]:
    """What App Bridge needs on every page of the admin."""
    settings = runtime().settings
    return {
        "shopify_client_id": settings.shopify_client_id,
        "shopify_cdn_url": settings.shopify_cdn_url.rstrip("/"),
    }
