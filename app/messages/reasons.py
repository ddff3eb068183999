"""Why a message was not sent, moved or left in doubt: the codes, and the words for them."""

from __future__ import annotations

from app.core.locale import gettext as _

NO_EMAIL = "no_email"
NO_CONSENT = "no_consent"
UNSUBSCRIBED = "unsubscribed"
SUPPRESSED = "suppressed"
FOOTER_INCOMPLETE = "footer_incomplete"
SHOP_INACTIVE = "shop_inactive"
SHOP_PAUSED = "shop_paused"
ORDER_CANCELLED = "order_cancelled"
ORDER_REFUNDED = "order_refunded"
LINE_REFUNDED = "line_refunded"
TOO_LATE = "too_late"
NO_PLACE = "no_place"
#: How the error of a frame begins that Okaeri wrote: no text's mistake.
OUR_FRAME = "frame: "
NO_GUIDE = "no_guide"
NO_PRODUCT = "no_product"
NO_RUN_OUT = "no_run_out"
NO_SUGGESTION = "no_suggestion"
NO_COUPON = "no_coupon"
NO_BOOKING = "no_booking"
NO_COURSE = "no_course"
NO_GIFT = "no_gift"
NO_POINTS = "no_points"
NO_SURVEY = "no_survey"
NO_SUBSCRIPTION = "no_subscription"
#: What was never there to be said: whenever it would have left, nothing would have come.
WANTING = frozenset(
    {
        NO_GUIDE, NO_PRODUCT, NO_RUN_OUT, NO_SUGGESTION, NO_COUPON, NO_BOOKING, NO_COURSE, NO_GIFT,
        NO_POINTS, NO_SURVEY, NO_SUBSCRIPTION,
    }
)  # fmt: skip
PARCEL_CANCELLED = "parcel_cancelled"
RUN_ENDED = "run_ended"
SHIPPED_ALREADY = "shipped_already"
REPLACED = "replaced"
STEP_OFF = "step_off"
UNPAID = "unpaid"
TEMPLATE_ERROR = "template_error"
IN_DOUBT = "in_doubt"
#: What a text that cannot be sent is found guilty of, as it stands on the row.
TOO_LONG = "the mail is longer than mailboxes show"
NO_SUBJECT = "subject.liquid: the subject is empty"
SENT_ELSEWHERE = "sent_elsewhere"
KIND_STOPPED = "kind_stopped"
SENDING_PAUSED = "sending_paused"
WARM_UP = "warm_up"
SLOWED = "slowed"
HELD = "held"
PARCEL_MISSING = "parcel_missing"
DISASTER = "disaster"
STOPPED = "stopped"
NOT_LINKED = "not_linked"
NOT_RECEIVED = "not_received"


def reason_text(code: str | None) -> str:
    """The code in the words of the current language; an unknown one is shown as it is."""
    return _texts().get(code or "", code or "")


def _texts() -> dict[str, str]:
    return {**_person(), **_shop_and_order(), **_time_and_wire()}


def _person() -> dict[str, str]:
    return {
        NO_EMAIL: _("The order has no e-mail address."),
        "no_address": _("The order has no e-mail address."),
        NO_CONSENT: _("The customer has not agreed to marketing e-mail."),
        UNSUBSCRIBED: _("Marketing messages to this customer are stopped."),
        "unconfirmed": _("The customer's consent waits for their confirmation by a second click."),
        "country_needs_consent": _("Where the customer lives, this needs their consent."),
        "country_unknown": _("We do not know where the customer lives, so this needs consent."),
        "topic_off": _("The customer does not want messages of this topic."),
        SUPPRESSED: _("Mail to this address is stopped (it bounced or was reported)."),
        NOT_LINKED: _("The customer is no longer reached by this channel."),
        "customer_erased": _("The customer's data was erased."),
    }


def _shop_and_order() -> dict[str, str]:
    return {
        FOOTER_INCOMPLETE: _(
            "The legal footer is incomplete: fill in the company name, the postal address and the "
            "contact for complaints in the settings."
        ),
        SHOP_INACTIVE: _("Okaeri is not installed in the store any more."),
        SHOP_PAUSED: _("All messages were paused."),
        SENT_ELSEWHERE: _("Another tool sends this message."),
        KIND_STOPPED: _("This kind of message is stopped: too many people unsubscribed over it."),
        ORDER_CANCELLED: _("The order was cancelled."),
        ORDER_REFUNDED: _("The order was refunded."),
        LINE_REFUNDED: _("The product was returned or refunded."),
        PARCEL_CANCELLED: _("The shipment was cancelled."),
        NO_GUIDE: _("The shop has no text on this topic for this product."),
        NO_PRODUCT: _("The order has no product that this message could be about."),
        NO_RUN_OUT: _("We cannot tell when the product will run out."),
        **_fillings(),
        "pos_order": _("The order was handed over in the store."),
        "digital_order": _("Nothing of the order is shipped."),
        "journey_off": _("The journey is switched off."),
        SHIPPED_ALREADY: _("The parcel was on its way before."),
        UNPAID: _("The order is not paid yet."),
        REPLACED: _("Another journey does this for the order."),
        STEP_OFF: _("This step is switched off."),
        RUN_ENDED: _("The journey ended before."),
        "reviewed": _("The customer has already left a review."),
        "reordered": _("The customer has already ordered again."),
    }


def _fillings() -> dict[str, str]:
    return {
        NO_SUGGESTION: _("There was no product that fits well enough to suggest."),
        NO_COUPON: _("There is no thank-you code in the settings."),
        NO_BOOKING: _("There is no booking page in the settings."),
        NO_COURSE: _("There is no course page in the settings."),
        NO_GIFT: _("There was nothing to give."),
        NO_POINTS: _("The customer has no points."),
        NO_SURVEY: _("There was no survey to ask with."),
        NO_SUBSCRIPTION: _("The subscription is not running any more."),
    }


def _time_and_wire() -> dict[str, str]:
    return {
        TOO_LATE: _("It would have arrived too late to be of use."),
        NO_PLACE: _("The customer had enough messages; there was no free day for this one."),
        "not_taken": _("The mail server did not take it, however often we tried."),
        "rejected": _("The mail server refused it for good."),
        "bounced": _("There is no such mailbox."),
        NOT_RECEIVED: _("LINE took it but delivered it to nobody within a day."),
        "error": _("Something went wrong on our side; the details are on the message."),
        TEMPLATE_ERROR: _("The message's text has a mistake in it."),
        IN_DOUBT: _("The connection broke at the last moment; it may or may not have arrived."),
        SENDING_PAUSED: _("Moved: marketing is stopped after complaints about spam."),
        WARM_UP: _("Moved to the next day: a new domain may send only so many a day."),
        SLOWED: _("Moved to the next day: marketing is slowed after complaints about spam."),
        HELD: _("Waits until the delay, return or complaint is settled, and goes afterwards."),
        PARCEL_MISSING: _(
            "Waits until the parcel that did not arrive is found, and goes afterwards."
        ),
        DISASTER: _("Waits: nothing that sells goes to this prefecture for now."),
        STOPPED: _("Somebody of the shop stopped everything for this customer."),
        "holiday": _("Moved past the holidays."),
        "quiet_hours": _("Moved out of the night."),
        "favourite_hour": _("Moved to the hour of the day at which it is welcome."),
        "weekend_evening": _("Moved to an evening from Friday to Sunday, when it is read best."),
        "cap_per_day": _("Moved: one marketing message a day is enough."),
        "cap_per_week": _("Moved: two marketing messages a week are enough."),
        "yielded": _("Moved to make room for a more important message."),
    }
