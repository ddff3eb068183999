"""Lists from other mail services, from the upload to the last row, through the merchant's pages."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from app.consent import importing, jobs, queries, service
from app.consent.model import GENERAL, ConsentImport, ConsentImportPart, Suppression
from app.consent.service import imports
from app.core import clock
from app.journal.model import JournalEntry
from app.mirror.model import Customer
from tests import make
from tests import sign as signed
from tests.consent.test_consent import buyer, ledger, may, unsubscribed
from tests.make import MadeShop
from tests.markup import parts_within
from tests.mirror import said

NOBODY = {"marketing_state": "not_subscribed", "marketing_updated_at": None}


def upload(client: FlaskClient, shop: MadeShop, content: bytes, name: str = "list.csv") -> Any:
    return client.post(
        "/app/consent/imports",
        data={"file": (io.BytesIO(content), name)},
        headers=signed.admin(shop.domain),
    )


def go(client: FlaskClient, shop: MadeShop, content: bytes, **form: str) -> ConsentImport:
    done = upload(client, shop, content)
    assert done.status_code == 303, done.text
    url = done.headers["Location"]
    assert client.get(url, headers=signed.admin(shop.domain)).status_code == 200
    started = client.post(f"{url}/start", data=form, headers=signed.admin(shop.domain))
    assert started.status_code == 303, started.text
    jobs.work_off_imports()
    with shop.work() as session:
        return session.scalars(select(ConsentImport).order_by(ConsentImport.id.desc())).first()  # type: ignore[return-value]


def test_who_left_elsewhere_is_not_written_to_from_here(
    client: FlaskClient, shop: MadeShop
) -> None:
    known, gone = (
        buyer(shop, email="Known@example.com"),
        buyer(shop, marketing_state="unsubscribed"),
    )
    content = b"Email,First Name\r\nknown@EXAMPLE.com,A\r\nstranger@example.com,B\r\n"
    kept = go(client, shop, content, choice="unsubscribe")
    assert (kept.state, kept.rows, kept.rows_done, kept.rows_changed) == ("done", 2, 2, 2)
    assert may(shop, known) == "unsubscribed"
    assert may(shop, known, "service") is None
    assert may(shop, gone) == "unsubscribed"
    assert unsubscribed(shop) == 1
    with shop.work() as session:
        (entry,) = queries.ledger(session, known)
        assert entry.evidence["file"] == "list.csv"
        assert entry.evidence["line"] == 2
        assert len(entry.evidence["sha256"]) == 64
        addresses = session.scalars(select(Suppression.address)).all()
        assert sorted(addresses, key=str) == [None, "known@example.com"]
        assert session.scalars(select(ConsentImportPart)).all() == []
    # Again, the same list changes nothing.
    kept = go(client, shop, content, choice="unsubscribe")
    assert (kept.rows_changed, kept.rows_known) == (0, 2)
    assert len(ledger(shop, known)) == 1
    assert unsubscribed(shop) == 1
    # Whoever comes later as a customer without a word of their own is not written to either.
    assert may(shop, buyer(shop, email="stranger@example.com")) == "suppressed"


def test_blocked_addresses_get_nothing_at_all(client: FlaskClient, shop: MadeShop) -> None:
    person = buyer(shop, email="dead@example.com")
    kept = go(client, shop, b"dead@example.com\nother@example.com\n", choice="suppress")
    assert (kept.rows, kept.columns, kept.rows_changed) == (2, {}, 2)
    assert may(shop, person, "transactional") == "suppressed"
    # The mailbox works after all: a member of staff says so. Who complained decides themself.
    with shop.work() as session:
        for reason, scope in (("hard_bounce", "all"), ("complaint", GENERAL)):
            service.suppress(
                session, channel="email", address="dead@example.com", reason=reason, scope=scope
            )
    head, page = signed.admin(shop.domain), f"/app/consent/customers/{person}"
    assert f"{page}/reinstate" in client.get(page, headers=head).text
    answer = client.post(f"{page}/reinstate", headers=head)
    assert (answer.status_code, f"{page}/reinstate" in answer.text) == (200, False)
    assert may(shop, person, "transactional") is None
    assert may(shop, person) == "suppressed"
    with shop.work() as session:
        told = session.scalars(select(JournalEntry).where(JournalEntry.kind == "Reinstated")).one()
        assert (told.customer_id, told.data["staff"]) == (person, signed.STAFF)


def test_bad_rows_are_named_and_can_be_fetched(client: FlaskClient, shop: MadeShop) -> None:
    rows = ["山田,a@example.com", "佐藤,＝これは違う", "", "鈴木,", "田中,..t..@docomo.ne.jp"]
    content = "\n".join(["名前,メールアドレス", *rows])
    kept = go(client, shop, content.encode("cp932"), choice="unsubscribe")
    assert kept.encoding == "cp932"
    assert (kept.rows, kept.rows_changed, kept.rows_bad) == (4, 2, 2)
    page = client.get(f"/app/consent/imports/{kept.id}", headers=signed.admin(shop.domain))
    assert "＝これは違う" in page.text
    # Who waits on the page is shown this part anew, and with it what could not be read.
    assert "problems" in parts_within(page.text, "import")
    file = client.get(
        f"/app/consent/imports/{kept.id}/problems.csv", headers=signed.admin(shop.domain)
    )
    lines = file.get_data().decode("utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in lines[1:]] == ["3", "5"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "no rows"),
        (b"Email\n", "no rows"),
        (b"Name,Town\nA,B\n", "No column"),
        (b"Email\n\x81\xff\xfe\x00\n", "characters"),
    ],
)
def test_what_is_no_list_is_refused_with_a_reason(
    client: FlaskClient, shop: MadeShop, content: bytes, sentence: str
) -> None:
    refused = client.post(
        "/app/consent/imports?locale=en",
        data={"file": (io.BytesIO(content), "x.csv")},
        headers=signed.admin(shop.domain),
    )
    assert refused.status_code == 422
    assert sentence in refused.text
    with shop.work() as session:
        assert session.scalars(select(ConsentImport)).all() == []


PROOF = (
    b"Email,Consent Date,Consent Source\n"
    b"new@example.com,2026-01-05,newsletter form\n"
    b"left@example.com,2020-01-05,newsletter form\n"
    b"nowhere@example.com,2026-01-05,newsletter form\n"
    b"new2@example.com,,newsletter form\n"
    b"new3@example.com,2999-01-01,newsletter form\n"
)


def test_consent_comes_along_with_proof_and_a_promise_only(
    client: FlaskClient, shop: MadeShop
) -> None:
    new = buyer(shop, email="new@example.com", **NOBODY)
    left = buyer(
        shop,
        email="left@example.com",
        marketing_state="unsubscribed",
        marketing_updated_at=make.at(2025, 1, 1),
    )
    for name in ("new2", "new3"):
        buyer(shop, email=f"{name}@example.com", **NOBODY)
    url = upload(client, shop, PROOF).headers["Location"]
    head = signed.admin(shop.domain)
    assert (
        client.post(f"{url}/start", data={"choice": "subscribe"}, headers=head).status_code == 422
    )
    kept = go(client, shop, PROOF, choice="subscribe", confirmed="on")
    assert (kept.rows_bad, kept.rows_done) == (3, 5)
    assert may(shop, new) is None
    assert may(shop, left) == "unsubscribed"
    with shop.work() as session:
        (entry,) = queries.ledger(session, new)
        assert entry.evidence["agreed_where"] == "newsletter form"
        reasons = {row.reason for row in queries.import_problems(session, kept.id, limit=None)}
        assert reasons == {"no_customer", "no_evidence", "bad_date"}
    without = upload(client, shop, b"Email\na@example.com\n").headers["Location"]
    refused = client.post(
        f"{without}/start", data={"choice": "subscribe", "confirmed": "on"}, headers=head
    )
    assert refused.status_code == 422


def test_a_long_list_goes_on_where_it_was(
    client: FlaskClient, shop: MadeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "BATCH", 7)
    monkeypatch.setattr(imports, "PIECE", 64)
    content = b"Email\n" + b"".join(b"p%d@example.com\n" % n for n in range(40))
    kept = go(client, shop, content, choice="unsubscribe")
    assert (kept.state, kept.rows_done, kept.rows_changed) == ("done", 40, 40)
    page = client.get(f"/app/consent/imports/{kept.id}", headers=signed.admin(shop.domain))
    assert "hx-get" not in page.text.partition('data-testid="import"')[2].partition(">")[0]


def test_uploads_nobody_started_are_forgotten(
    client: FlaskClient, shop: MadeShop, owner: Engine
) -> None:
    head = signed.admin(shop.domain)
    url = upload(client, shop, b"a@example.com\n").headers["Location"]
    assert client.post(f"{url}/discard", headers=head).status_code == 303
    assert client.get(url, headers=head).status_code == 404
    upload(client, shop, b"a@example.com\n")
    with shop.work() as session:
        later = clock.now(session) + imports.DRAFT_LIVES * 2
    clock.shift_to(owner, later)
    jobs.prune()
    with shop.work() as session:
        assert session.scalars(select(ConsentImport)).all() == []


def test_who_left_before_shopify_told_us_of_them_stays_away(
    app: Flask, client: FlaskClient, shop: MadeShop
) -> None:
    order = said.order()
    content = f"\r\nEmail\r\n{order['customer']['email']}\r\nx\0@example.com@\r\n"
    kept = go(client, shop, content.encode(), choice="unsubscribe")
    assert (kept.state, kept.rows_changed, kept.rows_bad) == ("done", 1, 1)
    # Shopify's box was ticked before that: an older word than leaving.
    said.tell(app, ("orders/create", order))
    with shop.work() as session:
        person = session.scalars(select(Customer)).one()
    assert ledger(shop, person.id) == [(True, "shopify orders/create")]
    assert may(shop, person.id) == "suppressed"


def test_no_other_shop_sees_a_list(
    client: FlaskClient, shop: MadeShop, other_shop: MadeShop
) -> None:
    url = upload(client, shop, b"a@example.com\n").headers["Location"]
    assert client.get(url, headers=signed.admin(other_shop.domain)).status_code == 404


def test_a_persons_ledger_is_a_page_a_part_and_a_file(client: FlaskClient, shop: MadeShop) -> None:
    person = buyer(shop)
    head = signed.admin(shop.domain)
    done = client.post(f"/app/consent/customers/{person}/stop", headers=head)
    assert done.status_code == 200
    assert may(shop, person) == "unsubscribed"
    whole = client.get(f"/app/consent/customers/{person}", headers=head)
    assert 'data-testid="ledger"' in whole.text
    partial = {**head, "HX-Request": "true", "HX-Request-Type": "partial"}
    part = client.get(f"/app/consent/customers/{person}", headers=partial)
    assert part.text.startswith("<section")
    file = client.get(f"/app/consent/customers/{person}/ledger.csv", headers=head)
    rows = file.get_data().decode("utf-8-sig").splitlines()
    assert rows[1].split(",")[2:6] == ["email", "marketing", "no", "admin"]
    stopped = dict(zip(rows[0].split(","), rows[1].split(","), strict=True))
    assert (stopped["staff"], stopped["staff_name"]) == (signed.STAFF, "")


def test_the_page_says_what_applies_where_and_keeps_the_choice(
    client: FlaskClient, shop: MadeShop
) -> None:
    head = signed.admin(shop.domain)
    assert "ドイツ" in client.get("/app/consent?locale=ja", headers=head).text
    form = {"double_opt_in": "everywhere", "also": ["AT", "CN"]}
    client.post("/app/consent", data=form, headers=head)
    silent = buyer(shop, country="JP")
    assert may(shop, silent) == "unconfirmed"
    page = client.get("/app/consent?locale=en", headers=head).text
    assert 'value="AT" checked' in page


@pytest.mark.parametrize(
    ("header", "origin", "email"),
    [
        ('"Email","First Name","Suppression Reason"', "klaviyo", "Email"),
        (
            "Email Address,First Name,MEMBER_RATING,UNSUB_TIME,LEID,EUID",
            "mailchimp",
            "Email Address",
        ),
        ("email;First name;Email status", "omnisend", "email"),
        ("email", "list", "email"),
    ],
)
def test_the_exports_of_the_services_are_recognised(header: str, origin: str, email: str) -> None:
    layout = importing.recognise([header.encode() + b"\nx@example.com\n"], "utf-8-sig")
    assert (layout.origin, layout.columns["email"]) == (origin, email)


@pytest.mark.parametrize(
    "content",
    [
        b"\r\nEmail,Name\r\na@example.com,A\r\nb@example.com,B\r\n",
        b"Email\ra@example.com\rb@example.com\r",
        "Email\tName\r\na@example.com\tA\r\nb@example.com\tB\r\n".encode("utf-16"),
        b'sep=;\r\nEmail;Note\r\na@example.com;"two\r\nlines; here"\r\nb@example.com;B\r\n',
        "Ｅメール,x\na@example.com,1\nｂ＠ｅｘａｍｐｌｅ．ｃｏｍ,2\n".encode("cp932"),
        b"Email,Email\na@example.com,c@example.com\nb@example.com,\n",
    ],
)
def test_lists_are_read_however_a_spreadsheet_wrote_them(content: bytes) -> None:
    pieces = [content[:20], content[20:]]
    encoding = importing.detect_encoding(pieces)
    layout = importing.recognise(pieces, encoding)
    rows = importing.read(pieces, encoding, layout.delimiter, layout.columns)
    assert [importing.address(row.email) for row in rows] == ["a@example.com", "b@example.com"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2026/1/5 9:05", (2026, 1, 5, 9, 5)),
        ("2026-01-05", (2026, 1, 5, 0, 0)),
        ("２０２６年1月5日", (2026, 1, 5, 0, 0)),
        ("0001-01-01T00:00+09:00", None),
        ("1899-12-30", None),
        ("2026-13-01", None),
    ],
)
def test_days_are_read_as_lists_write_them(text: str, found: tuple[int, ...] | None) -> None:
    assert importing.moment(text) == (make.at(*found) if found else None)


names = st.text(st.characters(codec="cp932", exclude_characters="\x00\r\n¢£¬‖−〜"), max_size=12)


@given(
    st.lists(st.tuples(names, st.integers(0, 999)), min_size=1, max_size=30),
    st.sampled_from(["utf-8", "utf-8-sig", "cp932"]),
    st.integers(1, 40),
)
def test_a_file_reads_the_same_however_it_is_cut(
    people: list[tuple[str, int]], encoding: str, size: int
) -> None:
    lines = [f'"{name.replace(chr(34), "")}",p{n}@example.com' for name, n in people]
    whole = "\r\n".join(["name,email", *lines]).encode(encoding, errors="ignore")
    pieces = [whole[i : i + size] for i in range(0, len(whole), size)]
    known = "cp932" if encoding == "cp932" else "utf-8-sig"
    rows = list(importing.read(pieces, known, ",", {"email": "email"}))
    assert [row.email for row in rows] == [f"p{n}@example.com" for _name, n in people]
    assert [row.line for row in rows] == list(range(2, len(people) + 2))
    if encoding != "cp932":
        assert importing.detect_encoding(pieces) == "utf-8-sig"
