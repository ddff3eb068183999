"""Runs: who enters a journey, what is sent when, and what ends it. The verbs of the room."""

from app.journeys.service.addresses import on_address_left, on_address_settled
from app.journeys.service.answers import on_survey_answered
from app.journeys.service.ending import end, stop, stop_by_hand
from app.journeys.service.listeners import (
    on_birthday_told,
    on_message_clicked,
    on_order_cancelled,
    on_order_paid,
    on_order_placed,
    on_order_refunded,
    on_parcel_delivered,
    on_parcel_news,
    on_parcel_shipped,
    on_reminder_chosen,
    on_reorder_completed,
    on_return_moved,
    on_review_submitted,
    on_shop_uninstalled,
    on_subscription_ordered,
)
from app.journeys.service.presents import (
    look_after_presents,
    on_present_ready,
    on_surprise_won,
)
from app.journeys.service.running import advance, rest, wake
from app.journeys.service.switches import switch_off, switch_on, switch_on_recommended
from app.journeys.service.tasks import ask, close_task
from app.journeys.service.versions import (
    discard_draft,
    draft,
    follow_preset,
    import_definition,
    publish,
)

__all__ = [
    "advance",
    "ask",
    "close_task",
    "discard_draft",
    "draft",
    "end",
    "follow_preset",
    "import_definition",
    "look_after_presents",
    "on_address_left",
    "on_address_settled",
    "on_birthday_told",
    "on_message_clicked",
    "on_order_cancelled",
    "on_order_paid",
    "on_order_placed",
    "on_order_refunded",
    "on_parcel_delivered",
    "on_parcel_news",
    "on_parcel_shipped",
    "on_present_ready",
    "on_reminder_chosen",
    "on_reorder_completed",
    "on_return_moved",
    "on_review_submitted",
    "on_shop_uninstalled",
    "on_subscription_ordered",
    "on_surprise_won",
    "on_survey_answered",
    "publish",
    "rest",
    "stop",
    "stop_by_hand",
    "switch_off",
    "switch_on",
    "switch_on_recommended",
    "wake",
]
