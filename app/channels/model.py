"""What every process of the host knows of the ways out."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base


class ChannelRest(Base):
    """A way out that is left alone until a moment (machine time). `road` is a keyed hash of the
    endpoint, whose credentials stay out of here; `seconds` is how long the rest was, without what
    the other side asked for. The row stays until something was taken again."""

    __tablename__ = "channel_rests"
    road: Mapped[str] = mapped_column(primary_key=True)
    until: Mapped[datetime]
    seconds: Mapped[float]
    reason: Mapped[str]
