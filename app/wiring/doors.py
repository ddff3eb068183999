"""Which rooms stand behind which doors."""

from __future__ import annotations

from app.addresses import web as addresses_web
from app.admin import calendar_web, customers_web, orders_web, sending_web
from app.admin import web as admin_web
from app.consent import web as consent_web
from app.core.health import health
from app.doors import Door
from app.guides import web as guides_web
from app.inbox import web as inbox_web
from app.inserts import web as inserts_web
from app.journeys import web as journeys_web
from app.line import linking_web as line_linking
from app.line import web as line_web
from app.messages import confirmation_web, frequency_web, signals_web
from app.messages import editor_web as messages_editor
from app.messages import web as messages_web
from app.mirror import web as mirror_web
from app.parcels import web as parcels_web
from app.privacy import web as privacy_web
from app.recommendations import web as recommendations_web
from app.reorder import web as reorder_web
from app.reviews import web as reviews_web
from app.segments import web as segments_web
from app.senders import web as senders_web
from app.shops import web as shops_web
from app.surprises import web as surprises_web
from app.surveys import asking_web
from app.surveys import web as surveys_web
from app.thankyou import experiments_web, offers_web
from app.thankyou import web as thankyou_web
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
    Door("public", "/survey/<token>", asking_web.public, purpose="survey"),
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
    Door("public", "/l/<token>", line_linking.public, purpose="line"),
    Door("open", "/line", line_linking.back),
    Door("admin", "/app", line_web.admin),
    Door("public", "/hooks/parcels/<token>", parcels_web.hooks, purpose="parcel-hook"),
    Door("admin", "/app", parcels_web.admin),
    Door("admin", "/app/messages", messages_editor.admin),
    Door("admin", "/app/messages", confirmation_web.admin),
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
