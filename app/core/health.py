"""Whether this process can serve: asked by load balancers and by the demo."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app.core.runtime import runtime

health = Blueprint("health", __name__)


@health.get("/healthz")
def healthz() -> tuple[Response, int]:
    """200 when the database answers, 503 when it does not."""
    try:
        with runtime().engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except OperationalError:
        return jsonify(database="away"), 503
    return jsonify(database="here"), 200
