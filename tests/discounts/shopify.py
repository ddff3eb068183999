"""Shopify's discounts, as far as pools use them: codes come into being in their own time, and
every answer may get lost on its way."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import count
from typing import Any

import httpx


class Shopify:
    """Remembers discounts and codes. `slow` bulk creations are done only when asked twice;
    `lose` names operations that are carried out but whose answer never arrives; `down` refuses."""

    def __init__(self) -> None:
        self.discounts: dict[str, dict[str, str]] = {}
        self.inputs: list[dict[str, Any]] = []
        self.creations: dict[str, dict[str, Any]] = {}
        self.calls: list[str] = []
        self.slow, self.down = False, False
        self.lose: list[str] = []
        self._numbers = count(1)
        self._verbs: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "CreateDiscount": self._create,
            "FindDiscount": self._find,
            "AddCodes": self._add,
            "CodeCreation": self._creation,
            "FindCodes": self._codes,
            "RemoveCodes": self._remove,
        }

    def client(self) -> httpx.Client:
        """An HTTP client that reaches nobody else."""
        return httpx.Client(transport=httpx.MockTransport(self._answer))

    def codes(self) -> set[str]:
        """Every code that works now."""
        return {code for codes in self.discounts.values() for code in codes}

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if self.down:
            raise httpx.ConnectError("nobody there", request=request)
        body = json.loads(request.content)
        name = next(name for name in self._verbs if f" {name}(" in body["query"])
        self.calls.append(name)
        data = self._verbs[name](body["variables"])
        if name in self.lose:
            self.lose.remove(name)
            raise httpx.ReadTimeout("lost", request=request)
        return httpx.Response(200, json={"data": data})

    def _gid(self, kind: str) -> str:
        return f"gid://shopify/{kind}/{next(self._numbers)}"

    def _create(self, given: dict[str, Any]) -> dict[str, Any]:
        taken = given["discount"]["code"] in self.codes()
        errors = [{"field": [], "message": "Code must be unique", "code": "TAKEN"}] if taken else []
        gid = self._gid("DiscountCodeNode")
        if not taken:
            self.inputs.append(given["discount"])
            self.discounts[gid] = {given["discount"]["code"]: self._gid("DiscountRedeemCode")}
        node = None if taken else {"id": gid}
        return {"discountCodeBasicCreate": {"codeDiscountNode": node, "userErrors": errors}}

    def _find(self, given: dict[str, Any]) -> dict[str, Any]:
        found = next((g for g, codes in self.discounts.items() if given["code"] in codes), None)
        return {"codeDiscountNodeByCode": {"id": found} if found else None}

    def _add(self, given: dict[str, Any]) -> dict[str, Any]:
        assert len(given["codes"]) <= 250
        gid = self._gid("DiscountRedeemCodeBulkCreation")
        wanted = [code["code"] for code in given["codes"]]
        self.creations[gid] = {"discount": given["id"], "codes": wanted, "asked": 0}
        if not self.slow:
            self._carry_out(gid)
        payload = {"bulkCreation": {"id": gid, "done": not self.slow}, "userErrors": []}
        return {"discountRedeemCodeBulkAdd": payload}

    def _carry_out(self, gid: str) -> None:
        creation = self.creations[gid]
        codes = self.discounts[creation["discount"]]
        for code in creation["codes"]:
            codes.setdefault(code, self._gid("DiscountRedeemCode"))

    def _creation(self, given: dict[str, Any]) -> dict[str, Any]:
        creation = self.creations[given["id"]]
        creation["asked"] += 1
        if creation["asked"] > 1:
            self._carry_out(given["id"])
        codes = self.discounts[creation["discount"]]
        nodes = [
            {
                "code": code,
                "discountRedeemCode": {"id": codes[code]} if code in codes else None,
                "errors": [],
            }
            for code in creation["codes"]
        ]
        done = all(code in codes for code in creation["codes"])
        page = {"nodes": nodes, "pageInfo": {"hasNextPage": False, "endCursor": None}}
        return {"discountRedeemCodeBulkCreation": {"done": done, "failedCount": 0, "codes": page}}

    def _codes(self, given: dict[str, Any]) -> dict[str, Any]:
        codes = self.discounts.get(given["id"], {})
        nodes = [{"id": gid, "code": code, "asyncUsageCount": 0} for code, gid in codes.items()]
        page = {"nodes": nodes, "pageInfo": {"hasNextPage": False, "endCursor": None}}
        return {"discountNode": {"discount": {"__typename": "DiscountCodeBasic", "codes": page}}}

    def _remove(self, given: dict[str, Any]) -> dict[str, Any]:
        codes = self.discounts[given["id"]]
        for code in [code for code, gid in codes.items() if gid in given["ids"]]:
            del codes[code]
        job = {"id": self._gid("Job")}
        return {"discountCodeRedeemCodeBulkDelete": {"job": job, "userErrors": []}}
