"""What happens when a webhook or an event comes: handlers, listeners and errands."""

from __future__ import annotations

from collections.abc import Callable

from app.addresses import errands as addresses_errands
from app.addresses import events as addresses_events
from app.addresses import service as addresses
from app.consent import errands as consent_errands
from app.consent import events as consent_events
from app.consent import service as consent
from app.core.events import Event
from app.discounts import events as discounts_events
from app.inserts import errands as inserts_errands
from app.inserts import events as inserts_events
from app.inserts import tagging as inserts
from app.journeys import service as journeys
from app.line import errands as line_errands
from app.line import events as line_events
from app.line import service as line
from app.messages import alerts, notice_receipts, receipts
from app.messages import events as messages_events
from app.messages import listeners as messages
from app.mirror import errands as mirror_errands
from app.mirror import events as mirror_events
from app.mirror import returning
from app.mirror import service as mirror
from app.parcels import errands as parcels_errands
from app.parcels import events as parcels_events
from app.parcels import expectations
from app.parcels import providers as parcels_providers
from app.parcels import service as parcels
from app.privacy import service as privacy
from app.recommendations import service as recommendations
from app.reorder import events as reorder_events
from app.reorder import service as reorder
from app.replenishment import events as replenishment_events
from app.reviews import events as reviews_events
from app.segments import service as segments
from app.senders import errands as senders_errands
from app.senders import events as senders_events
from app.shops import errands as shops_errands
from app.shops import events as shops_events
from app.shops import topics as shops_topics
from app.surprises import errands as surprises_errands
from app.surprises import events as surprises_events
from app.surveys import events as surveys_events
from app.thankyou import service as thankyou

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
    "returns/process": mirror.apply_return,
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
    "line/relay": line.on_relay,
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
    mirror_events.AddressChanged: [addresses.on_address_changed, messages.on_address_changed],
    addresses_events.AddressCorrected: [messages.on_address_changed],
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
    mirror_events.SubscriptionOrdered: [journeys.on_subscription_ordered],
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
    surveys_events.SurveyAnswered: [journeys.on_survey_answered],
    surprises_events.SurpriseWon: [journeys.on_surprise_won, inserts.on_order_news],
    surprises_events.PresentReady: [journeys.on_present_ready],
    parcels_events.ParcelShipped: [journeys.on_parcel_shipped],
    parcels_events.ParcelOutForDelivery: [journeys.on_parcel_news],
    parcels_events.ParcelAttempted: [journeys.on_parcel_news],
    parcels_events.ParcelDelayed: [journeys.on_parcel_news, messages.on_parcel_delayed],
    parcels_events.ParcelDelivered: [journeys.on_parcel_delivered, messages.on_parcel_delivered],
    parcels_events.ParcelCancelled: [journeys.on_parcel_news, messages.on_parcel_delivered],
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
    line_events.LineHeard: [line_errands.forward],
    line_events.LineConnected: [line_errands.read_quota],
    senders_events.SenderEntered: [senders_errands.prove_account],
    senders_events.HookOffered: [senders_errands.confirm_hook],
    messages_events.MerchantWarned: [alerts.write],
    consent_events.Unsubscribed: [consent_errands.push_consent],
    consent_events.Subscribed: [consent_errands.push_subscription],
}
