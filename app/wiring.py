"""The wiring, on one page: who may come in where, which webhook goes to whom, who listens to what,
which bell a worker answers, what runs on a schedule, who erases and who exports.

Plain tables, read by `create_app`. Nothing registers itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.addresses import errands as addresses_errands
from app.addresses import events as addresses_events
from app.addresses import service as addresses
from app.addresses import web as addresses_web
from app.admin import calendar_web, customers_web, orders_web, sending_web
from app.admin import web as admin_web
from app.channels.email import EmailChannel
from app.channels.line import LineChannel
from app.channels.line_notice import LineNoticeChannel
from app.channels.rests import Rests
from app.consent import errands as consent_errands
from app.consent import events as consent_events
from app.consent import service as consent
from app.consent import web as consent_web
from app.consent.model import ConsentImport, Hold
from app.core.claim import has_due
from app.core.events import Event
from app.core.health import health
from app.discounts import events as discounts_events
from app.discounts.model import DiscountCode, DiscountPool
from app.discounts.queries import any_shop_without_pool
from app.doors import Door
from app.experiments import service as experiments
from app.guides import web as guides_web
from app.inbox import web as inbox_web
from app.inbox.model import Webhook
from app.inserts import errands as inserts_errands
from app.inserts import events as inserts_events
from app.inserts import tagging as inserts
from app.inserts import web as inserts_web
from app.journal.model import JournalDelivery
from app.journeys import erasure as journeys_erasure
from app.journeys import mutes
from app.journeys import service as journeys
from app.journeys import web as journeys_web
from app.journeys.model import DryRun, JourneyRun
from app.journeys.uses import uses as journeys_uses
from app.line import errands as line_errands
from app.line import events as line_events
from app.line import service as line
from app.line import tickets as line_tickets
from app.line import web as line_web
from app.messages import alerts, frequency_web, notice_receipts, receipts, signals_web
from app.messages import editor_web as messages_editor
from app.messages import erasure as messages_erasure
from app.messages import events as messages_events
from app.messages import listeners as messages
from app.messages import web as messages_web
from app.messages.kinds import MARKETING, TRANSACTIONAL
from app.messages.lanes import LINE, LINE_MARKETING
from app.messages.model import Message, MessageSignal
from app.mirror import errands as mirror_errands
from app.mirror import events as mirror_events
from app.mirror import returning
from app.mirror import service as mirror
from app.mirror import web as mirror_web
from app.parcels import errands as parcels_errands
from app.parcels import events as parcels_events
from app.parcels import expectations
from app.parcels import providers as parcels_providers
from app.parcels import service as parcels
from app.parcels import web as parcels_web
from app.parcels.model import ParcelWatch
from app.privacy import service as privacy
from app.privacy import web as privacy_web
from app.recommendations import service as recommendations
from app.recommendations import web as recommendations_web
from app.reorder import events as reorder_events
from app.reorder import service as reorder
from app.reorder import web as reorder_web
from app.replenishment import events as replenishment_events
from app.replenishment import wishes as reminder_wishes
from app.reviews import events as reviews_events
from app.reviews import queries as reviews_queries
from app.reviews import service as reviews
from app.reviews import web as reviews_web
from app.segments import service as segments
from app.segments import web as segments_web
from app.senders import errands as senders_errands
from app.senders import events as senders_events
from app.senders import web as senders_web
from app.shops import errands as shops_errands
from app.shops import events as shops_events
from app.shops import topics as shops_topics
from app.shops import web as shops_web
from app.surprises import errands as surprises_errands
from app.surprises import events as surprises_events
from app.surprises import queries as surprises_queries
from app.surprises import service as surprises
from app.surprises import web as surprises_web
from app.surprises.model import SurpriseDraw
from app.surveys import service as surveys
from app.surveys import web as surveys_web
from app.thankyou import experiments_web, offers_web
from app.thankyou import service as thankyou
from app.thankyou import web as thankyou_web
from app.tracking import service as tracking
from app.tracking import web as tracking_web

# --- doors: (door, URL prefix, blueprint); public doors also name the purpose of their links -----
DOORS: list[Door] = [
    Door("hooks", "/hooks", inbox_web.hooks),
    Door("email", "/hooks/email/<provider>/<token>", senders_web.hooks),
    Door("admin", "/app", inbox_web.admin),
    Door("admin", "/app", privacy_web.admin),
    Door("public", "/u/<token>", consent_web.unsubscribe, purpose="unsubscribe"),
    Door("public", "/preferences/<token>", consent_web.preferences, purpose="preferences"),
    Door("public", "/confirm/<token>", consent_web.confirm, purpose="confirm"),
    Door("open", "/", health),
    Door("open", "/auth", shops_web.auth),
    Door("admin", "/app", sending_web.admin),
    Door("admin", "/app", consent_web.admin),
    Door("admin", "/app", consent_web.imports),
    Door("admin", "/app", calendar_web.admin),
    Door("admin", "/app", addresses_web.admin),
    Door("admin", "/app", surveys_web.admin),
    Door("admin", "/app", admin_web.admin),
    Door("admin", "/app", orders_web.admin),
    Door("admin", "/app", customers_web.admin),
    Door("admin", "/app", journeys_web.admin),
    Door("admin", "/app", guides_web.admin),
    Door("public", "/g/<token>", guides_web.public, purpose="guide"),
    Door("admin", "/app", mirror_web.admin),
    Door("admin", "/app", segments_web.admin),
    Door("admin", "/app", surprises_web.admin),
    Door("public", "/draws/<token>", surprises_web.public, purpose="draw"),
    Door("admin", "/app", inserts_web.admin),
    Door("admin", "/app", recommendations_web.admin),
    Door("admin", "/app/messages", messages_web.admin),
    Door("public", "/hooks/line/<token>", line_web.hooks, purpose="line-hook"),
    Door("public", "/l/<token>", line_web.public, purpose="line"),
    Door("open", "/line", line_web.back),
    Door("admin", "/app", line_web.admin),
    Door("public", "/hooks/parcels/<token>", parcels_web.hooks, purpose="parcel-hook"),
    Door("admin", "/app", parcels_web.admin),
    Door("admin", "/app/messages", messages_editor.admin),
    Door("admin", "/app", frequency_web.admin),
    Door("public", "/m/<token>", messages_web.public, purpose="mail"),
    Door("signal", "/p/<token>.gif", signals_web.opens, purpose="open"),
    Door("signal", "/c/<token>", signals_web.clicks, purpose="click"),
    Door("open", "/look", tracking_web.look),
    Door("admin", "/app", tracking_web.admin),
    Door("public", "/t/<token>", tracking_web.public, purpose="track"),
    Door("proxy", "/proxy", tracking_web.proxy),
    Door("store", "/track/<handle>", tracking_web.store),
    Door("widget", "/widget", thankyou_web.widget),
    Door("admin", "/app", offers_web.admin),
    Door("admin", "/app", experiments_web.admin),
    Door("public", "/o/<token>", thankyou_web.public, purpose="offer"),
    Door("public", "/r/<token>", reorder_web.public, purpose="reorder"),
    Door("public", "/reviews/<token>", reviews_web.public, purpose="review"),
    Door("admin", "/app", reviews_web.admin),
]

# --- webhook topic → handler(session, webhook, body); Shopify's, and mail providers' ------------
TOPICS: dict[str, Callable[..., None]] = {
    "orders/create": mirror.apply_order,
    "orders/updated": mirror.apply_order,
    "orders/paid": mirror.apply_order,
    "orders/cancelled": mirror.apply_order,
    "refunds/create": mirror.apply_refund,
    "returns/request": mirror.apply_return,
    "returns/approve": mirror.apply_return,
    "returns/decline": mirror.apply_return,
    "returns/cancel": mirror.apply_return,
    "returns/close": mirror.apply_return,
    "returns/reopen": mirror.apply_return,
    "returns/update": mirror.apply_return,
    "fulfillments/create": mirror.apply_fulfillment,
    "fulfillments/update": mirror.apply_fulfillment,
    "fulfillment_events/create": mirror.apply_scan,
    "customers/create": mirror.apply_customer,
    "customers/update": mirror.apply_customer,
    "customers_email_marketing_consent/update": mirror.apply_consent,
    "customers_marketing_consent/update": mirror.apply_sms_consent,
    "products/create": mirror.apply_product,
    "products/update": mirror.apply_product,
    "products/delete": mirror.apply_product_deletion,
    "shop/update": shops_topics.on_shop_update,
    "app/uninstalled": shops_topics.on_uninstalled,
    "app/scopes_update": shops_topics.on_scopes_update,
    "line/follow": line.on_follow,
    "line/unfollow": line.on_unfollow,
    "line/message": line.on_message,
    "line/postback": line.on_postback,
    "line/accountLink": line.on_account_link,
    "line/delivery": notice_receipts.on_delivery,
    "customers/data_request": privacy.data_requested,
    "customers/redact": privacy.customer_redacted,
    "shop/redact": privacy.shop_redacted,
    "aftership/tracking_update": parcels_providers.on_update,
    "email/resend": receipts.on_resend,
    "email/smtp": receipts.on_notice,
    "email/host": receipts.on_notice,
    "email/ses": receipts.on_ses,
    "email/postmark": receipts.on_postmark,
}

# --- event → listeners(session, event), each delivered and retried alone ------------------------
REACTIONS: dict[type[Event], list[Callable[..., None]]] = {
    mirror_events.OrderPlaced: [
        reorder.on_order_placed,
        thankyou.on_order_placed,
        expectations.on_order_placed,
        segments.on_order_changed,
        addresses.on_order_placed,
        journeys.on_order_placed,
    ],
    mirror_events.AddressChanged: [addresses.on_address_changed],
    addresses_events.AddressLeftToPerson: [journeys.on_address_left],
    addresses_events.AddressSettled: [journeys.on_address_settled],
    mirror_events.OrdersImported: [recommendations.on_orders_imported],
    messages_events.MessageClicked: [segments.on_message_clicked, journeys.on_message_clicked],
    mirror_events.OrderPaid: [
        expectations.on_order_paid,
        journeys.on_order_paid,
        inserts.on_order_news,
    ],
    mirror_events.OrderEnriched: [thankyou.on_order_enriched],
    discounts_events.CodeRemoved: [thankyou.on_code_removed],
    mirror_events.FulfillmentRecorded: [parcels.on_fulfillment, inserts.on_order_news],
    mirror_events.MarketingConsentChanged: [consent.on_consent_changed],
    mirror_events.FulfillmentScanned: [parcels.on_scan],
    mirror_events.OrderCancelled: [
        segments.on_order_changed,
        journeys.on_order_cancelled,
        messages.on_order_cancelled,
        inserts.on_order_news,
    ],
    mirror_events.OrderRefunded: [
        segments.on_order_changed,
        journeys.on_order_refunded,
        messages.on_order_refunded,
        inserts.on_order_news,
    ],
    mirror_events.ReturnMoved: [messages.on_return_moved, journeys.on_return_moved],
    replenishment_events.ReminderChosen: [journeys.on_reminder_chosen],
    surprises_events.SurpriseWon: [journeys.on_surprise_won, inserts.on_order_news],
    parcels_events.ParcelShipped: [journeys.on_parcel_shipped],
    parcels_events.ParcelOutForDelivery: [journeys.on_parcel_news],
    parcels_events.ParcelAttempted: [journeys.on_parcel_news],
    parcels_events.ParcelDelayed: [journeys.on_parcel_news, messages.on_parcel_delayed],
    parcels_events.ParcelDelivered: [journeys.on_parcel_delivered, messages.on_parcel_delivered],
    parcels_events.ParcelMovedOn: [journeys.on_parcel_news, messages.on_parcel_delivered],
    reviews_events.ReviewSubmitted: [journeys.on_review_submitted],
    reorder_events.ReorderCompleted: [journeys.on_reorder_completed],
    shops_events.ShopUninstalled: [journeys.on_shop_uninstalled, messages.on_shop_uninstalled],
    consent_events.Unsubscribed: [messages.on_unsubscribed, receipts.on_unsubscribed],
    consent_events.BirthdayTold: [journeys.on_birthday_told],
    consent_events.Suppressed: [messages.on_suppressed],
    consent_events.ConfirmationAsked: [messages.on_confirmation_asked],
    senders_events.SendingBraked: [alerts.on_braked],
    senders_events.DomainAmiss: [alerts.on_domain_amiss],
    senders_events.SenderActivated: [receipts.on_sender_activated],
    consent_events.Released: [messages.on_released],
    shops_events.ShopResumed: [messages.on_shop_resumed],
    shops_events.ScopesChanged: [inserts.on_scopes_changed],
}

# --- event → errands(shop_id, event): reactions over somebody else's network -------------------
ERRANDS: dict[type[Event], list[Callable[..., None]]] = {
    mirror_events.OrderPlaced: [mirror_errands.enrich],
    shops_events.ShopInstalled: [
        shops_errands.learn,
        mirror_errands.backfill,
        mirror_errands.begin_import,
    ],
    mirror_events.OrdersImported: [returning.on_orders_imported],
    mirror_events.ReturnTold: [returning.look],
    shops_events.ScopesChanged: [returning.on_scopes_changed],
    inserts_events.TaggingAsked: [inserts_errands.ask_rights],
    inserts_events.TagsChanged: [inserts_errands.put_tags],
    surprises_events.SurpriseWon: [surprises_errands.hand_over],
    addresses_events.AddressAsked: [addresses_errands.tell],
    parcels_events.ParcelShipped: [parcels_errands.follow],
    line_events.LineAsked: [line_errands.answer],
    line_events.LineConnected: [line_errands.read_quota],
    senders_events.SenderEntered: [senders_errands.prove_account],
    senders_events.HookOffered: [senders_errands.confirm_hook],
    messages_events.MerchantWarned: [alerts.write],
    consent_events.Unsubscribed: [consent_errands.push_consent],
    consent_events.Subscribed: [consent_errands.push_subscription],
}

# --- bell → the queue whose worker answers it; "room.job" is app/<room>/jobs.py:<job> -----------
BELLS: dict[str, str] = {
    "shops.learn_prefix": "slow",
    "shops.nightly": "slow",
    "senders.nightly": "slow",
    "senders.look": "slow",
    "shops.keep": "slow",
    "inbox.drain": "inbox",
    "inbox.give_back": "inbox",
    "inbox.prune": "slow",
    "journal.react": "inbox",
    "journal.run_errands": "slow",
    "journal.give_back_lost": "inbox",
    "consent.end_holds": "inbox",
    "consent.work_off_imports": "slow",
    "consent.prune": "slow",
    "consent.give_back_lost": "inbox",
    "discounts.open_pools": "slow",
    "discounts.tend": "slow",
    "discounts.remove_expired": "slow",
    "discounts.give_back_lost": "slow",
    "line.look_after": "slow",
    "parcels.look_for_silent": "slow",
    "parcels.nightly": "slow",
    "parcels.learn": "slow",
    "parcels.give_back_lost": "slow",
    "journeys.tick": "transactional",
    "messages.send_transactional": "transactional",
    "messages.send_marketing": "marketing",
    "messages.send_line": "transactional",
    "messages.send_line_marketing": "marketing",
    "messages.sweep_up": "slow",
    "messages.judge_clicks": "slow",
    "journeys.sweep": "slow",
    "mirror.reconcile": "slow",
    "mirror.catch_up": "slow",
    "mirror.nightly": "slow",
    "mirror.read_catalogue": "slow",
    "mirror.read_returns": "slow",
    "recommendations.nightly": "slow",
    "recommendations.learn": "slow",
    "segments.hourly": "slow",
    "segments.measure": "slow",
    "journeys.imagine": "slow",
    "inserts.hourly": "slow",
    "inserts.look": "slow",
    "surprises.draw": "slow",
    "surprises.give_back_lost": "slow",
}


@dataclass(frozen=True)
class Tick:
    """Ring `bell` every `seconds`; with `due`, only when that question answers yes."""

    bell: str
    seconds: float
    due: Callable[[], bool] | None = None
    args: tuple[str, ...] = ()


# --- what the clock rings for -----------------------------------------------------------------
SCHEDULE: list[Tick] = [
    Tick("shops.nightly", 24 * 3600),
    Tick("mirror.reconcile", 900),
    Tick("mirror.nightly", 24 * 3600),
    Tick("recommendations.nightly", 24 * 3600),
    Tick("parcels.nightly", 24 * 3600),
    Tick("senders.nightly", 24 * 3600),
    Tick("segments.hourly", 3600),
    Tick("inserts.hourly", 3600),
    Tick("inbox.drain", 1, due=lambda: has_due(Webhook)),
    Tick("inbox.give_back", 60),
    Tick("inbox.prune", 86400),
    Tick("journal.react", 1, due=lambda: has_due(JournalDelivery)),
    Tick("journal.run_errands", 1, due=lambda: has_due(JournalDelivery, "errands")),
    Tick("journal.give_back_lost", 60),
    Tick("consent.end_holds", 1, due=lambda: has_due(Hold)),
    Tick("consent.work_off_imports", 1, due=lambda: has_due(ConsentImport)),
    Tick("consent.give_back_lost", 60),
    Tick("consent.prune", 86400),
    Tick("discounts.open_pools", 5, due=any_shop_without_pool),
    Tick("discounts.tend", 1, due=lambda: has_due(DiscountPool)),
    Tick("discounts.remove_expired", 1, due=lambda: has_due(DiscountCode)),
    Tick("discounts.give_back_lost", 60),
    Tick("line.look_after", 3600),
    Tick("parcels.look_for_silent", 1, due=lambda: has_due(ParcelWatch)),
    Tick("parcels.give_back_lost", 60),
    Tick("journeys.tick", 1, due=lambda: has_due(JourneyRun)),
    Tick("journeys.sweep", 60),
    Tick("surprises.draw", 1, due=lambda: has_due(SurpriseDraw)),
    Tick("surprises.give_back_lost", 60),
    Tick("journeys.imagine", 1, due=lambda: has_due(DryRun)),
    Tick("messages.send_transactional", 1, due=lambda: has_due(Message, TRANSACTIONAL)),
    Tick("messages.send_marketing", 1, due=lambda: has_due(Message, MARKETING)),
    Tick("messages.send_line", 1, due=lambda: has_due(Message, LINE)),
    Tick("messages.send_line_marketing", 1, due=lambda: has_due(Message, LINE_MARKETING)),
    Tick("messages.sweep_up", 60),
    Tick("messages.judge_clicks", 1, due=lambda: has_due(MessageSignal)),
]

# --- privacy: eraser(session, customer) and exporter(session, customer) -> dict ----------------
ERASERS: list[Callable[..., Any]] = [
    mirror.erase_webhooks,
    line.erase_person,  # before consent forgets where they are reached
    consent.erase_person,
    reviews.erase,
    surveys.erase_person,
    experiments.erase_person,
    reminder_wishes.erase_person,
    journeys_erasure.erase_person,
    mutes.erase_person,
    messages_erasure.erase_person,
    tracking.erase_person,
    addresses.erase_person,
    parcels.erase_person,
    segments.erase_person,
    surprises.erase_person,
    mirror.erase_person,  # last: the others still need to know whom
]
EXPORTERS: dict[str, Callable[..., Any]] = {
    "mirror": mirror.export_person,
    "consent": consent.export_person,
    "journeys": journeys_erasure.export_person,
    "journey_mutes": mutes.export_person,
    "messages": messages_erasure.export_person,
    "message_reports": messages_erasure.export_reports,
    "tasks": journeys_erasure.export_tasks,
    "line": line.export_person,
    "parcels": parcels.export_person,
    "reviews": reviews.export_person,
    "reorders": reorder.export_person,
    "thankyou": thankyou.export_person,
    "segments": segments.export_person,
    "tracking": tracking.export_person,
    "addresses": addresses.export_person,
    "surprises": surprises.export_person,
    "surveys": surveys.export_person,
    "experiments": experiments.export_person,
    "reminders": reminder_wishes.export_person,
}

# --- what rooms above `messages` know of a mail's reader: giver(session, customer_id) -----------
MAIL_PARTS: dict[str, Callable[..., Any]] = {
    "proof": reviews_queries.proof,
    "gift": surprises_queries.gift,
    "draw": surprises_queries.draw_url,
}


def channels() -> Mapping[str, Any]:
    """The channels a message may leave by."""
    return {
        "email": EmailChannel(Rests()),
        "line": LineChannel(line_tickets.take, line_tickets.give_back),
        "line_notice": LineNoticeChannel(line_tickets.for_notice),
    }


def tables() -> Mapping[str, Any]:
    """What the low rooms read through the runtime."""
    return {
        "TOPICS": TOPICS,
        "REACTIONS": REACTIONS,
        "ERRANDS": ERRANDS,
        "BELLS": BELLS,
        "SCHEDULE": SCHEDULE,
        "ERASERS": ERASERS,
        "EXPORTERS": EXPORTERS,
        "MAIL_PARTS": MAIL_PARTS,
        # Which journeys say which messages; journeys stand above the room that asks.
        "USES": journeys_uses,
    }
