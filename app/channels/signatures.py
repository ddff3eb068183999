"""Whether a report really comes from the provider."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from app.core.clock import machine_now
from app.core.runtime import runtime

#: How old a signature may be: long enough for clocks that differ, short against replays.
TOLERANCE = timedelta(minutes=5)
#: Certificates lie on Amazon's own hosts and nowhere else.
_CERTIFICATES = re.compile(r"sns\.(?P<region>[a-z0-9-]{1,32})\.amazonaws\.com(\.cn)?")
_known: dict[str, rsa.RSAPublicKey] = {}

#: What Amazon signs, in this order (docs.aws.amazon.com/sns: verify message signatures).
_NOTIFICATION = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
_SUBSCRIPTION = (
    "Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type",
)  # fmt: skip


def svix(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Resend's signature (the Svix scheme): HMAC-SHA256 over id, time and body. Several signatures
    stand in the header while a secret is being replaced."""
    name, moment = headers.get("Svix-Id", ""), headers.get("Svix-Timestamp", "")
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        age = abs(machine_now().timestamp() - int(moment))
    except (ValueError, binascii.Error):
        return False
    if not name or age > TOLERANCE.total_seconds():
        return False
    signed = b".".join((name.encode(), moment.encode(), body))
    own = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    given = [part.partition(",") for part in headers.get("Svix-Signature", "").split()]
    return any(
        version == "v1" and hmac.compare_digest(own.encode(), text.encode())
        for version, _, text in given
    )


def basic(secret: str, headers: Mapping[str, str]) -> bool:
    """Postmark shows the user and password that we put into the address it calls."""
    wanted = "Basic " + base64.b64encode(f"okaeri:{secret}".encode()).decode()
    return hmac.compare_digest(headers.get("Authorization", "").encode(), wanted.encode())


def sns(body: bytes) -> bool:
    """Amazon's signature on a notification, with the certificate it names: fetched once, and only
    from Amazon's own hosts."""
    try:
        said = json.loads(body)
        signature = base64.b64decode(said["Signature"], validate=True)
        key = _certificate(str(said["SigningCertURL"]))
        digest = {"1": hashes.SHA1(), "2": hashes.SHA256()}[str(said["SignatureVersion"])]  # noqa: S303  # Amazon's first version; the certificate is pinned
        key.verify(signature, _signed(said), padding.PKCS1v15(), digest)
    except (InvalidSignature, ValueError, KeyError, TypeError, binascii.Error, httpx.HTTPError):
        return False
    return True


def topic_of(body: bytes) -> str:
    """The topic a verified notification was sent to."""
    return str(json.loads(body).get("TopicArn", ""))


def is_subscription(body: bytes) -> bool:
    """Whether Amazon asks if we want the topic's notifications."""
    return bool(json.loads(body).get("Type") == "SubscriptionConfirmation")


def _signed(said: dict[str, Any]) -> bytes:
    names = _NOTIFICATION if said["Type"] == "Notification" else _SUBSCRIPTION
    return "".join(f"{name}\n{said[name]}\n" for name in names if name in said).encode()


def _certificate(url: str) -> rsa.RSAPublicKey:
    parts = urlsplit(url)
    found = _CERTIFICATES.fullmatch(parts.netloc)
    if parts.scheme != "https" or found is None or not parts.path.endswith(".pem"):
        raise ValueError("the certificate is not Amazon's")
    place = runtime().settings.sns_url.format(region=found["region"]).rstrip("/") + parts.path
    if place not in _known:
        answer = runtime().http.get(place).raise_for_status()
        key = x509.load_pem_x509_certificate(answer.content).public_key()
        if not isinstance(key, rsa.RSAPublicKey):
            raise ValueError("the certificate holds no RSA key")
        _known[place] = key
    return _known[place]
