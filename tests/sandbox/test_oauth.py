"""Tokens: exchanged, refreshed, granted by code, and refused."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from flask.testing import FlaskClient

from app.sandbox import tokens, verbs
from app.sandbox.admin import query_signature
from app.sandbox.oauth import EXCHANGE, ID_TOKEN
from app.sandbox.running import Sandbox
from tests.sandbox.conftest import HINATA, MAPLE, SECRET

OFFLINE = "urn:shopify:params:oauth:token-type:offline-access-token"
ONLINE = "urn:shopify:params:oauth:token-type:online-access-token"
CLIENT = {"client_id": "6f6b6165726900000000000000000001", "client_secret": SECRET}


def post(http: FlaskClient, shop: str = HINATA, **form: Any) -> Any:
    return http.post(f"/{shop}/admin/oauth/access_token", json={**CLIENT, **form})


def exchange(http: FlaskClient, token: str, shop: str = HINATA, **more: Any) -> Any:
    form = {
        "grant_type": EXCHANGE, "subject_token": token, "subject_token_type": ID_TOKEN,
        "requested_token_type": OFFLINE, "expiring": "1", **more,
    }  # fmt: skip
    return post(http, shop, **form)


def works(http: FlaskClient, token: str) -> bool:
    answer = http.post(
        f"/{HINATA}/admin/api/2026-07/graphql.json", json={"query": "{ shop { id } }"},
        headers={"X-Shopify-Access-Token": token},
    )  # fmt: skip
    return answer.status_code == 200


def test_an_id_token_is_exchanged_for_an_expiring_token(
    installed: Sandbox, http: FlaskClient
) -> None:
    body = exchange(http, verbs.issue_id_token(installed, HINATA)).get_json()
    assert 3590 < body["expires_in"] <= 3600
    assert 89 * 86400 < body["refresh_token_expires_in"] <= 90 * 86400
    assert "write_discounts" in body["scope"]
    assert works(http, body["access_token"])


def test_the_official_library_exchanges_and_refreshes(
    installed: Sandbox, http: FlaskClient
) -> None:
    """Shopify's own client, its host pointed at the sandbox."""
    import httpx
    from shopify_app import ShopifyApp

    def pass_on(request: httpx.Request) -> httpx.Response:
        answer = http.post(
            f"/{request.url.host}{request.url.path}", data=request.content,
            content_type=request.headers["content-type"],
        )  # fmt: skip
        return httpx.Response(answer.status_code, content=answer.get_data())

    official = ShopifyApp(client_id=CLIENT["client_id"], client_secret=SECRET)
    token = verbs.issue_id_token(installed, HINATA)
    claims = jwt.decode(token, options={"verify_signature": False})
    with httpx.Client(transport=httpx.MockTransport(pass_on)) as client:
        verified = official.verify_app_home_req(
            {"method": "GET", "headers": {"Authorization": f"Bearer {token}"}, "body": "",
             "url": f"https://app.test/app?shop={HINATA}"}, "/patch",
        )  # fmt: skip
        assert verified.ok
        result = official.exchange_using_token_exchange(
            "offline", verified.id_token, verified.invalid_token_response, http_client=client
        )
    assert result.ok, result.log
    assert claims["dest"] == f"https://{HINATA}"
    assert works(http, result.access_token.token)


def test_refreshing_rotates_and_may_be_retried_until_the_new_one_is_used(
    installed: Sandbox, http: FlaskClient
) -> None:
    first = exchange(http, verbs.issue_id_token(installed, HINATA)).get_json()["refresh_token"]

    def refresh(token: str) -> Any:
        return post(http, grant_type="refresh_token", refresh_token=token)

    second = refresh(first).get_json()
    retried = refresh(first).get_json()
    assert retried["refresh_token"] == second["refresh_token"] != first
    third = refresh(second["refresh_token"]).get_json()
    assert refresh(first).get_json()["error"] == "invalid_grant"
    assert works(http, third["access_token"])


def test_a_refresh_token_ends(
    installed: Sandbox, http: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "REFRESH_S", -1)
    body = exchange(http, verbs.issue_id_token(installed, HINATA)).get_json()
    answer = post(http, grant_type="refresh_token", refresh_token=body["refresh_token"])
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize(
    "change",
    [
        {"exp": 1},
        {"aud": "another app"},
        {"dest": f"https://{MAPLE}"},
        {"iss": "https://evil.example/admin"},
    ],
)
def test_a_wrong_id_token_is_refused(
    installed: Sandbox, http: FlaskClient, change: dict[str, Any]
) -> None:
    good = verbs.issue_id_token(installed, HINATA)
    claims = jwt.decode(good, options={"verify_signature": False})
    forged = jwt.encode({**claims, **change}, SECRET, algorithm="HS256")
    answer = exchange(http, forged)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_subject_token")


def test_a_token_signed_with_another_secret_is_refused(
    installed: Sandbox, http: FlaskClient
) -> None:
    good = verbs.issue_id_token(installed, HINATA)
    claims = jwt.decode(good, options={"verify_signature": False})
    assert exchange(http, jwt.encode(claims, "guess" * 8, algorithm="HS256")).status_code == 400


def test_an_uninstalled_app_gets_no_token(installed: Sandbox, http: FlaskClient) -> None:
    token = verbs.issue_id_token(installed, HINATA)
    verbs.uninstall(installed, HINATA)
    assert exchange(http, token).status_code == 400
    with pytest.raises(verbs.Refused):
        verbs.issue_id_token(installed, HINATA)


def test_a_wrong_secret_is_refused(installed: Sandbox, http: FlaskClient) -> None:
    token = verbs.issue_id_token(installed, HINATA)
    answer = exchange(http, token, client_secret="guess" * 8)
    assert answer.get_json()["error"] == "invalid_client"


def test_the_code_grant_asks_first_and_signs_its_answer(
    sandbox: Sandbox, http: FlaskClient
) -> None:
    back = f"{sandbox.settings.app_url}/auth/callback"
    query = {
        "client_id": CLIENT["client_id"], "redirect_uri": back, "state": "s1",
        "scope": "read_orders",
    }  # fmt: skip
    url = f"/{HINATA}/admin/oauth/authorize"
    assert http.get(url, query_string=query).status_code == 200
    assert verbs.installation(sandbox, HINATA) is None
    answer = http.post(url, data=query)
    assert answer.status_code == 302
    values = {key: found[0] for key, found in parse_qs(urlsplit(answer.location).query).items()}
    assert values.pop("hmac") == query_signature(SECRET, values)
    assert values["state"] == "s1"
    assert abs(int(values["timestamp"]) - time.time()) < 10
    body = post(http, code=values["code"], expiring="1").get_json()
    assert works(http, body["access_token"])
    assert post(http, code=values["code"]).status_code == 400
    assert http.get(url, query_string=query).status_code == 302


def test_a_foreign_redirect_is_refused(sandbox: Sandbox, http: FlaskClient) -> None:
    query = {"client_id": CLIENT["client_id"], "redirect_uri": "https://evil.example/auth/callback"}
    answer = http.post(f"/{HINATA}/admin/oauth/authorize", data=query)
    assert answer.status_code in (400, 403, 422)
    assert verbs.installation(sandbox, HINATA) is None


def test_app_home_is_opened_with_a_signed_query(installed: Sandbox) -> None:
    url = urlsplit(verbs.app_home_url(installed, HINATA, path="/orders"))
    assert url.path == "/app/orders"
    values = {key: found[0] for key, found in parse_qs(url.query).items()}
    assert values.pop("hmac") == query_signature(SECRET, values)
    token, audience = values["id_token"], CLIENT["client_id"]
    claims = jwt.decode(token, SECRET, algorithms=["HS256"], audience=audience)
    assert claims["iss"] == f"https://{HINATA}/admin"
    assert claims["exp"] - claims["iat"] == 60
    assert values["embedded"] == "1"


def test_an_online_token_names_its_person_and_nobody_else(
    installed: Sandbox, http: FlaskClient
) -> None:
    kenta = verbs.staff(installed, HINATA)[1]
    token = verbs.issue_id_token(installed, HINATA, kenta["id"])
    body = exchange(http, token, requested_token_type=ONLINE).get_json()
    person = body["associated_user"]
    assert (person["id"], person["last_name"], person["first_name"]) == (kenta["id"], "森", "健太")
    assert (person["account_owner"], person["collaborator"]) == (False, False)
    # It lasts a day, and nothing renews it.
    assert 86390 < body["expires_in"] <= 86399
    assert "refresh_token" not in body
    assert works(http, body["access_token"])
    left = tokens.id_token(installed.settings, HINATA, 4711, "gone")
    refused = exchange(http, left, requested_token_type=ONLINE)
    assert (refused.status_code, refused.get_json()["error"]) == (400, "invalid_subject_token")
