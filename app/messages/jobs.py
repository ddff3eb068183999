"""The messages' bells: send a batch of a lane, and sweep up after workers that died."""

from __future__ import annotations

from app.core.claim import drain, has_due, sweep
from app.core.db import unit_of_work
from app.core.queue import ring_now
from app.messages import doubts, signals
from app.messages.batch import Batch
from app.messages.kinds import MARKETING, TRANSACTIONAL
from app.messages.lanes import LINE, LINE_MARKETING
from app.messages.model import Message, MessageSignal


def send_transactional() -> None:
    """Send what is due of transactional and service messages."""
    _send(TRANSACTIONAL)


def send_marketing() -> None:
    """Send what is due of marketing messages."""
    _send(MARKETING)


def send_line() -> None:
    """Send what is due of transactional and service messages by LINE."""
    _send(LINE)


def send_line_marketing() -> None:
    """Send what is due of marketing messages by LINE."""
    _send(LINE_MARKETING)


def sweep_up() -> None:
    """Give back what dead workers had claimed; what they had begun to send is in doubt,
    and old doubts about marketing are let be."""
    sweep(Message)
    sweep(MessageSignal)
    for shop_id, message_id in doubts.lost_in_sending():
        with unit_of_work(shop_id) as session:
            doubts.find_in_doubt(session, message_id)
    for shop_id in doubts.shops_in_doubt():
        with unit_of_work(shop_id) as session:
            doubts.close_old_doubts(session)


def judge_clicks() -> None:
    """Tell people's clicks from scanners', once their company is known."""
    drain(MessageSignal, signals.judge_click)


def _send(lane: str) -> None:
    """Send a batch; what it leaves is rung for again, behind the others."""
    if Batch(lane).run() and has_due(Message, lane):
        ring_now(f"messages.send_{lane}")
