"""The editor: every message of the shop, and one text with its preview beside it.

Every button of the editor sends the whole form; what was typed becomes the draft before anything
else happens, so that nothing is lost by any of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import urlencode

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers.response import Response as BaseResponse

from app.consent import words as consent_words
from app.core.errors import NotFound
from app.core.halfwidth import half_width
from app.core.locale import LANGUAGES
from app.core.request import current
from app.core.runtime import runtime
from app.messages import editor_view, editor_words, overview, queries, samples, service, words
from app.messages.editor_view import Wish
from app.messages.kinds import all_kinds
from app.messages.lint import OVERRIDABLE, blocking, footer
from app.messages.names import width
from app.messages.texts import cases, codes, store
from app.messages.texts.blocks import MOST_LINE, OFFERED, TYPES, Block, Content, read_block, tidy
from app.messages.texts.store import Place
from app.mirror import queries as mirror
from app.shops import service as shops
from app.shops.settings import email_mistake, missing_for_marketing

admin = Blueprint("editor", __name__)


@admin.get("")
def listing() -> str:
    """Every kind of message under its journey: what it is, and in whose words it is said where."""
    visit = current()
    lacks = missing_for_marketing(shops.settings_of(shops.shop(visit.session)))
    return render_template(
        "admin/messages/list.html",
        groups=overview.groups(visit.session, all_kinds(), visit.locale),
        lacks=footer.lacking(lacks) if lacks else "",
        footer_page=footer.PAGE,
        class_name=words.class_name,
        topic_name=consent_words.topic_name,
    )


@admin.get("/checks")
def checks() -> str:
    """The verdicts on the texts of that page, each for its place: of all texts of some kinds, or of
    what the shop wrote itself."""
    visit = current()
    names = request.args.getlist("kind")
    kinds = {one: queries.the_kind(one) for one in names} if names else all_kinds()
    check = overview.ALL if names else overview.OWN
    found = overview.groups(visit.session, kinds, visit.locale, check=check)
    return render_template(
        "admin/messages/checks.html",
        groups=found,
        own=not names,
        rows=[row for group in found for row in group.rows],
        wrong=sum(group.count("wrong") for group in found),
    )


@admin.get("/edit/<kind>/<locale>")
def edit(kind: str, locale: str) -> str:
    """The editor, with the draft, the text that is said now, or Okaeri's own."""
    place = _place(kind, locale, request.args.get("use", ""))
    content = store.starting(current().session, place)
    return _page(place, content, Wish.read(request.args), done=request.args.get("done", ""))


@admin.post("/edit/<kind>/<locale>")
def act(kind: str, locale: str) -> BaseResponse | str:
    """Keep what was typed, then do what the button says."""
    form = request.form
    place = _place(kind, locale, form.get("use", ""))
    verb, _colon, detail = form.get("do", "save").partition(":")
    action = ACTIONS.get(verb)
    if action is None:
        raise NotFound
    content = _typed(form)
    if verb not in ("discard", "shipped"):
        _keep(place, content)
    return action(place, content, detail)


@admin.post("/edit/<kind>/<locale>/look")
def look(kind: str, locale: str) -> str:
    """Keep what was typed and show it anew, without touching the form."""
    place = _place(kind, locale, request.form.get("use", ""))
    content = _typed(request.form)
    _keep(place, content)
    wish = Wish.read(request.form)
    seen = editor_view.look(current().session, place, content, wish)
    return render_template(
        "admin/messages/look.html",
        **_shared(place),
        look=seen,
        content=content,
        recipients=editor_view.recipients(current().session, current().locale),
    )


# --- what the buttons do --------------------------------------------------------------------------


def _save(place: Place, _content: Content, _detail: str) -> BaseResponse:
    return _back(place, "saved" if store.draft(current().session, place) else "unchanged")


def _publish(place: Place, content: Content, _detail: str) -> BaseResponse | str:
    visit = current()
    seen = cases.reader(visit.session, place)
    findings = cases.findings(visit.session, place, content, seen)
    overridden = frozenset(request.form.getlist("override")) & OVERRIDABLE
    if blocking(findings, overridden):
        return _page(place, content, Wish.read(request.form), done="refused")
    used = sorted({each.code for each in findings if each.severity == "block"} & overridden)
    # Who publishes a text as it stands takes it for the shop's own.
    row = store.draft(visit.session, place) or store.keep(visit.session, place, content)
    store.publish(visit.session, row, visit.staff or "", used)
    codes.keep_ready(visit.session)
    return _back(place, "published")


def _add(place: Place, content: Content, detail: str) -> str:
    kind = detail or request.form.get("new", "")
    made = read_block(kind, {"width": "520"}) if kind in OFFERED else None
    if made is None:
        return _page(place, content, Wish.read(request.form))
    blocks = list(content.blocks)
    blocks.insert(len(blocks) - 1, made)
    return _changed(place, content, blocks, focus=len(blocks) - 2)


def _move(step: int) -> Callable[[Place, Content, str], str]:
    def move(place: Place, content: Content, detail: str) -> str:
        here, blocks = _number(detail, content), list(content.blocks)
        there = here + step
        if 0 <= there < len(blocks) - 1 and here < len(blocks) - 1:
            blocks[here], blocks[there] = blocks[there], blocks[here]
            here = there
        return _changed(place, content, blocks, focus=here)

    return move


def _remove(place: Place, content: Content, detail: str) -> str:
    here, blocks = _number(detail, content), list(content.blocks)
    if here < len(blocks) - 1:
        del blocks[here]
    return _changed(place, content, blocks, focus=min(here, len(blocks) - 1))


def _restore(place: Place, _content: Content, detail: str) -> BaseResponse:
    version = store.by_id(current().session, int(detail) if detail.isdigit() else 0)
    if (version.kind, version.locale, version.use) != (place.kind, place.locale, place.use):
        raise NotFound
    store.restore(current().session, place, version)
    return _back(place, "restored")


def _discard(place: Place, _content: Content, _detail: str) -> BaseResponse:
    store.forget_draft(current().session, place)
    return _back(place, "discarded")


def _shipped(place: Place, _content: Content, _detail: str) -> BaseResponse:
    store.back_to_shipped(current().session, place)
    codes.keep_ready(current().session)
    return _back(place, "shipped")


def _test(place: Place, content: Content, _detail: str) -> BaseResponse | str:
    """Send the text as it stands to an address the merchant names."""
    session, address = current().session, half_width(request.form.get("address", ""))
    if mistake := email_mistake(address):
        errors = {"address": mistake}
        return _page(place, content, Wish.read(request.form), errors=errors)
    row = store.draft(session, place) or store.published(session, place)
    wish = Wish.read(request.form)
    ids = samples.subject(session, place.locale)
    if wish.order is not None:
        ids = samples.ids_of(session, mirror.order(session, wish.order))
    named = {"text_id": row.id} if row else {}
    message = service.compose_test(session, place.kind, place.locale, address, {**ids, **named})
    return redirect(url_for("messages_admin.show", message_id=message.id), 303)


ACTIONS: dict[str, Callable[[Place, Content, str], BaseResponse | str]] = {
    "save": _save,
    "publish": _publish,
    "add": _add,
    "up": _move(-1),
    "down": _move(1),
    "remove": _remove,
    "restore": _restore,
    "discard": _discard,
    "shipped": _shipped,
    "test": _test,
}


# --- reading and showing --------------------------------------------------------------------------


def _changed(place: Place, content: Content, blocks: list[Block], *, focus: int) -> str:
    """The blocks in another order: kept, and shown with the focus where the hand was."""
    changed = Content(
        subject=content.subject, preheader=content.preheader, blocks=tidy(tuple(blocks))
    )
    store.keep(current().session, place, changed)
    return _page(place, changed, Wish.read(request.form), focus=focus)


def _typed(form: MultiDict[str, str]) -> Content:
    """The form's text. Blocks come in the order of their numbers in `block`."""
    found = []
    for number in form.getlist("block"):
        prefix = f"b{number}."
        typed = {
            name.removeprefix(prefix): value
            for name, value in form.items()
            if name.startswith(prefix)
        }
        block = read_block(typed.get("type", ""), typed)
        if block is not None:
            found.append(block)
    return Content(
        subject=form.get("subject", "").strip()[:MOST_LINE],
        preheader=form.get("preheader", "").strip()[:MOST_LINE],
        blocks=tidy(tuple(found)),
    )


def _place(kind: str, locale: str, use: str) -> Place:
    queries.the_kind(kind)
    if locale not in LANGUAGES:
        raise NotFound
    known = {each.key for each in runtime().table("USES")(current().session) if each.kind == kind}
    if use and use not in known:
        raise NotFound
    return Place(kind, locale, use)


def _keep(place: Place, content: Content) -> None:
    """What was typed becomes the draft; where nothing was changed, none begins."""
    if content != store.starting(current().session, place):
        store.keep(current().session, place, content)


def _number(detail: str, content: Content) -> int:
    number = int(detail) if detail.isascii() and detail.isdigit() else len(content.blocks)
    if number >= len(content.blocks):
        raise NotFound
    return number


def _shared(place: Place) -> dict[str, object]:
    return {
        "place": place,
        "block_name": editor_words.block_name,
        "overridable": OVERRIDABLE,
        "views": editor_view.VIEWS,
    }


def _page(
    place: Place,
    content: Content,
    wish: Wish,
    *,
    done: str = "",
    focus: int | None = None,
    errors: Mapping[str, str] | None = None,
) -> str:
    visit = current()
    session = visit.session
    seen = editor_view.look(session, place, content, wish)
    reader = cases.reader(session, place, wish.order)
    return render_template(
        "admin/messages/edit.html",
        **_shared(place),
        content=content,
        look=seen,
        done=done,
        focus=focus,
        errors=errors or {},
        title=queries.kind_title(place.kind, visit.locale),
        languages=LANGUAGES,
        offered=[name for name in OFFERED if name in TYPES],
        fields=editor_words.fields,
        block_help=editor_words.block_help,
        products=editor_view.products(session),
        recipients=editor_view.recipients(session, visit.locale),
        variables=editor_view.variables(reader),
        variable_name=editor_words.variable_name,
        uses=[each for each in runtime().table("USES")(session) if each.kind == place.kind],
        draft=store.draft(session, place),
        published=store.published(session, place),
        history=store.history(session, place),
        subject_width=f"{width(content.subject):g}",
        contact=request.form.get("address") or shops.shop(session).contact_email or "",
    )


def _back(place: Place, done: str) -> BaseResponse:
    """To the editor, which says what was done and looks at the text as before."""
    kept = {name: request.form.get(name, "") for name in ("use", "order", "view", "dark")}
    query = urlencode({"done": done, **{name: value for name, value in kept.items() if value}})
    return redirect(f"{url_for('editor.edit', kind=place.kind, locale=place.locale)}?{query}", 303)
