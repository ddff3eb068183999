"""One mail from its world: the merchant's words in the frame, and the headers around them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from email.utils import format_datetime
from urllib.parse import quote

import structlog
from jinja2 import Template, TemplateError

from app.channels import dsn
from app.channels.mime import address, split_address
from app.core.errors import GiveUp
from app.core.locale import use_locale
from app.messages import layouts, reasons
from app.messages.context import Mail
from app.messages.extras import Suggested
from app.messages.prose import Words, speak
from app.messages.texts.blocks import Content
from app.messages.texts.filling import Given, Offered, World, Written, fill

log = structlog.get_logger(__name__)

#: Gmail cuts a mail off after this many bytes, and with it the footer and the way out.
GMAIL_CUT = 102_000
_BLANK = re.compile(r"\n[ \t]*\n\s*\n")


@dataclass(frozen=True)
class Rendered:
    """What one person will read."""

    subject: str
    html: str
    plain: str


@dataclass(frozen=True)
class Text:
    """A shop's own text and what it shows besides the order."""

    content: Content
    products: dict[int, Offered]
    today: date
    suggested: dict[str, list[Suggested]] = field(default_factory=dict)
    single: Given | None = None
    made_up: bool = False

    def world(self, mail: Mail) -> World:
        """What one mail is filled from."""
        return World(mail, self.products, self.today, self.suggested, self.single, self.made_up)


@dataclass(frozen=True)
class Sender:
    """In whose name a mail goes, and who reads the answers."""

    mailbox: str
    name: str
    reply_to: str


def render(mail: Mail, text: Text | None = None) -> Rendered:
    """Fill words and frames: the shop's own `text`, or without one what is shipped. Raises
    `GiveUp` with the reason when a text or frame has a mistake, or when the mail grew so long that
    its footer would be cut off."""
    with use_locale(mail.locale):
        words: Words | Written
        if text is None:
            words = speak(mail.kind, mail.locale, mail.liquid)
        else:
            words = fill(text.content, text.world(mail))
        try:
            frame, letter = _frames(mail, own=text is not None)
            html = frame.render(mail=mail, words=words, p=mail.palette)
            plain = letter.render(mail=mail, words=words)
        except TemplateError as error:
            # A frame is ours: nobody but the host can mend it.
            log.exception("frame_broken", kind=mail.kind, locale=mail.locale)
            raise GiveUp(f"{reasons.OUR_FRAME}{mail.kind}: {error.message}") from error
    # A letter has four bytes at most: most mails need not be counted.
    if 4 * len(html) > GMAIL_CUT and len(html.encode()) > GMAIL_CUT:
        raise GiveUp(reasons.TOO_LONG)
    return Rendered(_subject(words), html, _BLANK.sub("\n\n", plain.strip()) + "\n")


def _frames(mail: Mail, *, own: bool) -> tuple[Template, Template]:
    if own:
        return layouts.blocks_html(mail.locale), layouts.blocks_plain(mail.locale)
    return layouts.html(mail.kind, mail.locale), layouts.plain(mail.kind, mail.locale)


def _subject(words: Words | Written) -> str:
    if not words.subject:
        raise GiveUp(reasons.NO_SUBJECT)
    return words.subject


def headers(
    mail: Mail,
    rendered: Rendered,
    sender: Sender,
    *,
    recipient: str,
    send_key: str,
    moment: datetime,
    feedback: str,
    way_out: bool,
) -> dict[str, str]:
    """The mail's headers as readable text, in the order they are written."""
    domain = sender.mailbox.rpartition("@")[2] or "localhost"
    made = {
        "Date": format_datetime(moment),
        "From": address(sender.name, sender.mailbox),
        "To": recipient,
        "Subject": rendered.subject,
        "Message-ID": f"<{send_key}@{domain}>",
    }
    if sender.reply_to:
        made["Reply-To"] = sender.reply_to
    made |= {
        "Content-Language": mail.locale,
        # Written by a machine: holiday notices need not answer. People may, and are read.
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
        "Feedback-ID": feedback,
    }
    if way_out:
        made |= _way_out(mail, sender)
    return made


def _way_out(mail: Mail, sender: Sender) -> dict[str, str]:
    """RFC 8058: one click, by POST, without a page in between; and a mail (RFC 2369), which some
    programs send in its stead. Whoever or whatever reads that mail has the link in it."""
    mailbox, link = split_address(sender.reply_to or sender.mailbox)[1], mail.links["unsubscribe"]
    letter = f"{mailbox}?subject={dsn.LEAVE}&body={quote(link, safe='')}"
    return {
        "List-Unsubscribe": f"<{link}>, <mailto:{letter}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
