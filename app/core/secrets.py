"""Secrets at rest: access tokens, SMTP passwords, channel keys."""

from __future__ import annotations

from cryptography.fernet import Fernet, MultiFernet

from app.core.runtime import runtime


def seal(text: str) -> str:
    """Encrypt with the newest of the host's keys."""
    return _box().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """Decrypt with whichever of the host's keys fits."""
    return _box().decrypt(sealed.encode()).decode()


def _box() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in runtime().settings.encryption_keys])
