"""The messages' bells: send a batch of a lane, and sweep up after workers that died."""

from __future__ import annotations

import time
from datetime import datetime

import structlog

from app.channels.base import Bounced, Channel, InDoubt
from app.core.claim import BATCH, BATCH_SECONDS, Claim, claim, drain, has_due, sweep
from app.core.clock import machine_now
from app.core.db import unit_of_work
from app.core.errors import GiveUp, TryLater
from app.core.queue import ring_now
from app.core.runtime import runtime
from app.messages import doubts, outbox, outcomes, signals
from app.messages.kinds import MARKETING, TRANSACTIONAL
from app.messages.lanes import LINE, LINE_MARKETING
from app.messages.model import Message, MessageSignal

log = structlog.get_logger(__name__)


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
    """Claim and send batches until nothing is due or the batch's time is over."""
    until = time.monotonic() + BATCH_SECONDS
    more = True
    try:
        while more and time.monotonic() < until:
            claims = claim(Message, lane=lane, fair=True)
            # A claim that was not filled took all there was; what falls due meanwhile rings.
            more = len(claims) == BATCH
            while claims and time.monotonic() < until:
                _send_one(claims.pop(0))
            more = more or bool(claims)
            outbox.release(claims)
    finally:
        for channel in runtime().channels.values():
            channel.close()
    if more and has_due(Message, lane):
        ring_now(f"messages.send_{lane}")


def _send_one(mine: Claim) -> None:
    """One message; whatever goes wrong ends up on its row and stops no other."""
    try:
        with unit_of_work(mine.shop_id) as session:
            leaving = outbox.intend(session, mine)
    except Exception as error:  # the worker's edge: the row carries the reason on
        log.exception("intent_failed", shop_id=mine.shop_id, id=mine.id)
        with unit_of_work(mine.shop_id) as session:
            outbox.stumble(session, mine, f"{type(error).__name__}: {error}")
        return
    if leaving is not None:
        _hand_over(mine, leaving)


def _hand_over(mine: Claim, leaving: outbox.Leaving) -> None:
    """The wire, with no transaction open; then what came of it."""
    channel: Channel = runtime().channels[leaving.channel]
    started: datetime = machine_now()
    try:
        receipt = channel.send(leaving.envelope)
    except TryLater as error:
        with unit_of_work(mine.shop_id) as session:
            outcomes.postpone(session, mine, started, str(error), error.seconds)
    except Bounced as error:
        with unit_of_work(mine.shop_id) as session:
            outcomes.bounce(session, mine, started, str(error))
    except GiveUp as error:
        with unit_of_work(mine.shop_id) as session:
            outcomes.give_up(session, mine, started, str(error))
    except InDoubt as error:
        with unit_of_work(mine.shop_id) as session:
            outcomes.doubt(session, mine, started, str(error))
    else:
        with unit_of_work(mine.shop_id) as session:
            outcomes.finish(session, mine, started, receipt.detail)
