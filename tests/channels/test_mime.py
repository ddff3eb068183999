"""The bytes of a mail, read back by the standard library."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.channels.base import Envelope
from app.channels.mime import address, as_bytes
from app.core.errors import GiveUp

printable = st.text(
    st.characters(
        exclude_categories=["Cc", "Cs", "Zl", "Zp", "Cn", "Co"], exclude_characters='<>"'
    ),
    max_size=120,
)


def envelope(**given: object) -> Envelope:
    values: dict[str, object] = {
        "send_key": "0f8fad5b-d9cb-469f-a165-70867728950e",
        "sender": "a@okaeri.test",
        "recipient": "b@example.com",
        "headers": {"From": "a@okaeri.test", "To": "b@example.com", "Subject": "s"},
        "plain": "",
        "html": "",
        **given,
    }
    return Envelope(**values)  # type: ignore[arg-type]


def read(raw: bytes) -> EmailMessage:
    found = message_from_bytes(raw, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


@given(printable, st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r")))
def test_what_goes_in_comes_out(subject: str, text: str) -> None:
    subject = " ".join(subject.split())
    made = envelope(
        headers={"From": "a@okaeri.test", "Subject": subject}, plain=text, html=f"<p>{text}</p>"
    )
    raw = as_bytes(made)
    assert all(len(line) <= 998 and b"\n" not in line for line in raw.split(b"\r\n"))
    found = read(raw)
    assert " ".join(found["Subject"].split()) == subject
    plain, html = found.iter_parts()
    assert plain.get_payload(decode=True).decode() == text  # type: ignore[union-attr]
    assert html.get_payload(decode=True).decode() == f"<p>{text}</p>"  # type: ignore[union-attr]
    assert (plain.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")


def test_the_same_envelope_gives_the_same_bytes() -> None:
    assert as_bytes(envelope(plain="あ")) == as_bytes(envelope(plain="あ"))


@pytest.mark.parametrize(
    "name",
    [
        *("ひなたコーヒー", "Maple Goods", 'A "B" C', "Maple, Goods"),
        *("喫茶 ほしの (Hoshino)", 'ひなた, "豆"の店', "店;a:b@c.jp", "店\\"),
    ],
)
def test_senders_names_survive(name: str) -> None:
    found = read(as_bytes(envelope(headers={"From": address(name, "no-reply@okaeri.test")})))
    assert found["From"].addresses[0].addr_spec == "no-reply@okaeri.test"
    assert found["From"].addresses[0].display_name == name
    # Providers are given it as it is read.
    assert parseaddr(address(name, "no-reply@okaeri.test")) == (name, "no-reply@okaeri.test")


@pytest.mark.parametrize("bad", ["a\r\nBcc: c@example.com", "a\nb", "a\x00b"])
def test_no_header_can_be_smuggled_in(bad: str) -> None:
    with pytest.raises(GiveUp):
        as_bytes(envelope(headers={"Subject": bad}))


def test_a_sender_cannot_bring_its_own_address() -> None:
    found = address("Shop <evil@example.com>", "no-reply@okaeri.test")
    assert read(as_bytes(envelope(headers={"From": found})))["From"].addresses[0].addr_spec == (
        "no-reply@okaeri.test"
    )
