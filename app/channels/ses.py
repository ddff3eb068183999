"""Amazon SES over boto3 (SES v2, raw mail). It has no key against sending twice: an answer that
does not come leaves the message in doubt, and the reports that carry our tag resolve it."""

from __future__ import annotations

import threading
from typing import Any

from app.channels.accounts import Account
from app.channels.answers import WRONG_KEY_S
from app.channels.base import Envelope, InDoubt, Receipt, Unavailable
from app.core.errors import GiveUp

#: Wrong until somebody corrects the keys, their rights, the domain or the account's standing.
_WRONG = frozenset(
    {
        "UnrecognizedClientException", "InvalidClientTokenId", "SignatureDoesNotMatch",
        "IncompleteSignature", "AccessDenied", "AccessDeniedException", "ExpiredTokenException",
        "AccountSuspendedException", "SendingPausedException",
        "MailFromDomainNotVerifiedException",
    }
)  # fmt: skip
_TOO_MUCH = frozenset(
    {
        "TooManyRequestsException", "LimitExceededException", "Throttling", "ThrottlingException",
        "ServiceUnavailable", "RequestLimitExceeded",
    }
)  # fmt: skip
_CONNECT_S, _READ_S = 5, 15


class Ses:
    """Keeps one client an account: making one reads Amazon's service model."""

    def __init__(self) -> None:
        self._clients: dict[tuple[str, str, str], Any] = {}
        self._lock = threading.Lock()

    def send(self, base: str, account: Account, envelope: Envelope, message: bytes) -> Receipt:
        """Hand over one message with our number as its tag."""
        chosen = account.options.get("configuration_set")
        said = self._ask(
            base,
            account,
            "send_email",
            FromEmailAddress=envelope.sender,
            Destination={"ToAddresses": [envelope.recipient]},
            Content={"Raw": {"Data": message}},
            EmailTags=[{"Name": "okaeri", "Value": envelope.reference or "0"}],
            **({"ConfigurationSetName": chosen} if chosen else {}),
        )
        return Receipt(str(said.get("MessageId", "")))

    def prove(self, base: str, account: Account, domain: str) -> list[dict[str, str]]:
        """Show that the keys work and may send: the DNS records Amazon wants for the domain."""
        standing = self._ask(base, account, "get_account")
        if not standing.get("SendingEnabled", True):
            raise GiveUp("Amazon has paused sending for this account.")
        try:
            identity = self._ask(base, account, "get_email_identity", EmailIdentity=domain)
        except GiveUp:
            # Unknown to Amazon yet: its console says how to add it.
            return []
        tokens = identity.get("DkimAttributes", {}).get("Tokens", [])
        return [
            {
                "purpose": "dkim",
                "type": "CNAME",
                "name": f"{token}._domainkey.{domain}",
                "value": f"{token}.dkim.amazonses.com",
            }
            for token in tokens
        ]

    def _ask(self, base: str, account: Account, verb: str, **given: Any) -> dict[str, Any]:
        from botocore import exceptions as wrong

        try:
            found: dict[str, Any] = getattr(self._client(base, account), verb)(**given)
        except wrong.ClientError as error:
            raise _sorted(error.response) from error
        except (wrong.EndpointConnectionError, wrong.ConnectTimeoutError) as error:
            raise Unavailable(f"Amazon SES cannot be reached: {error}") from error
        except wrong.HTTPClientError as error:
            raise InDoubt(f"Amazon SES did not answer: {error}") from error
        except wrong.BotoCoreError as error:
            raise GiveUp(f"Amazon SES: {error}") from error
        return found

    def _client(self, base: str, account: Account) -> Any:
        # Here, because loading boto3 takes longer than starting all the rest, and most hosts and
        # shops never use it.
        import boto3
        from botocore.config import Config

        name = (account.place, account.key, account.secret)
        with self._lock:
            if name not in self._clients:
                self._clients[name] = boto3.client(
                    "sesv2",
                    region_name=account.place,
                    aws_access_key_id=account.key,
                    aws_secret_access_key=account.secret,
                    endpoint_url=base.format(region=account.place),
                    config=Config(
                        connect_timeout=_CONNECT_S,
                        read_timeout=_READ_S,
                        # A try of ours is one try: what a second one means is decided above.
                        retries={"total_max_attempts": 1},
                    ),
                )
            return self._clients[name]


def _sorted(response: Any) -> Exception:
    """What Amazon's refusal means for the message."""
    code = response.get("Error", {}).get("Code", "")
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    words = f"{status} {code}: {response.get('Error', {}).get('Message', '')}"[:300]
    if code in _WRONG or status in (401, 403):
        return Unavailable(words, WRONG_KEY_S)
    if code in _TOO_MUCH or status in (429, 503):
        return Unavailable(words)
    if status >= 500:
        return InDoubt(words)
    return GiveUp(words)
