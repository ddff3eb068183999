"""From a request to an answer: parse, validate, rights, price, execute."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    execute_sync,
    get_operation_ast,
    parse,
    validate,
)
from graphql.execution.values import (
    VariableValues,
    get_directive_values,
    get_variable_values,
)

from app.sandbox.graphql.access import load_access
from app.sandbox.graphql.context import Context, Node, resolve
from app.sandbox.graphql.cost import MOST, Buckets, measure
from app.sandbox.graphql.roots import IDEMPOTENT, MUTATION, QUERY
from app.sandbox.running import Sandbox
from app.sandbox.schema_build import VERSIONS, load_schema
from app.sandbox.store import Document, Refused
from app.sandbox.switches import read_switches

BUCKETS = Buckets()
Answer = tuple[int, dict[str, Any]]


@lru_cache(maxsize=512)
def prepare(version: str, query: str) -> tuple[DocumentNode | None, tuple[GraphQLError, ...]]:
    """A query read and validated; apps ask the same ones again and again."""
    try:
        document = parse(query)
    except GraphQLError as error:
        return None, (error,)
    return document, tuple(validate(load_schema(version), document))


def answer(sandbox: Sandbox, shop: Document, token: Document, version: str, asked: Any) -> Answer:
    """Status and body for a request with a good token."""
    if version not in VERSIONS:
        return 404, {"errors": "Not Found"}
    query = asked.get("query") if isinstance(asked, dict) else None
    if not isinstance(query, str):
        return 400, {"errors": {"query": "Required parameter missing or invalid"}}
    document, errors = prepare(version, query)
    if document is None or errors:
        return 200, {"errors": [_told(one, "undefinedField") for one in errors]}
    operation = get_operation_ast(document, asked.get("operationName"))
    if operation is None:
        return 200, {"errors": [{"message": "No operation named like this"}]}
    return _run(sandbox, shop, token, version, document, operation, asked.get("variables") or {})


def _told(error: GraphQLError, code: str) -> dict[str, Any]:
    told: dict[str, Any] = dict(error.formatted)
    told["extensions"] = {"code": code, **(error.extensions or {})}
    return told


def _run(
    sandbox: Sandbox,
    shop: Document,
    token: Document,
    version: str,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: dict[str, Any],
) -> Answer:
    schema = load_schema(version)
    values = get_variable_values(schema, operation.variable_definitions or (), variables)
    if isinstance(values, list):
        return 200, {"errors": [_told(one, "INVALID_VARIABLE") for one in values]}
    price = measure(schema, document, operation, variables)
    if price > MOST:
        text = f"Query cost is {price}, which exceeds the single query max cost limit ({MOST})."
        extensions = {"code": "MAX_COST_EXCEEDED", "cost": price, "maxCost": MOST}
        return 200, {"errors": [{"message": text, "extensions": extensions}]}
    writing = operation.operation.value == "mutation"
    with sandbox.work(shop["domain"] if writing else None) as work:
        dry = read_switches(sandbox, work)["throttle"]
        enough, level = BUCKETS.take(shop["domain"], shop["plan"], price, dry=dry)
        if not enough:
            error = {"message": "Throttled", "extensions": {
                "code": "THROTTLED",
                "documentation": "https://shopify.dev/api/usage/rate-limits"}}  # fmt: skip
            return 200, {"errors": [error], "extensions": _cost(price, None, level)}
        context = Context(sandbox, work, shop, token, load_access(version))
        return 200, _execute(context, schema, document, operation, values, variables, price)


def _cost(asked: int, used: int | None, level: dict[str, Any]) -> dict[str, Any]:
    return {"cost": {
        "requestedQueryCost": asked, "actualQueryCost": used, "throttleStatus": level}}  # fmt: skip


def _execute(
    context: Context,
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    values: VariableValues,
    variables: dict[str, Any],
    price: int,
) -> dict[str, Any]:
    writing = operation.operation.value == "mutation"
    roots = _mutations(schema, operation, values) if writing else QUERY
    done = execute_sync(
        schema, document, root_value=roots, context_value=context, variable_values=variables,
        operation_name=operation.name.value if operation.name else None, field_resolver=resolve,
    )  # fmt: skip
    used = price if writing else min(price, max(context.objects, 1))
    level = BUCKETS.give_back(context.domain, context.shop["plan"], price - used)
    body: dict[str, Any] = {"data": done.data, "extensions": _cost(price, used, level)}
    if done.errors:
        body["errors"] = [_told(_plain(one), "INTERNAL_SERVER_ERROR") for one in done.errors]
    return body


def _plain(error: GraphQLError) -> GraphQLError:
    """A mistake of the sandbox's own is not dressed up as Shopify's."""
    cause = error.original_error
    if cause is None or isinstance(cause, (GraphQLError, Refused)):
        return error
    raise cause


# --- @idempotent --------------------------------------------------------------------------------


def _mutations(
    schema: GraphQLSchema, operation: OperationDefinitionNode, values: VariableValues
) -> Node:
    """The mutations of this operation, each answering once per key."""
    found = dict(MUTATION)
    for chosen in operation.selection_set.selections:
        if isinstance(chosen, FieldNode) and chosen.name.value in found:
            name = chosen.name.value
            directive = schema.get_directive("idempotent")
            given = get_directive_values(directive, chosen, values) if directive else None
            found[name] = _once(name, found[name], str(given["key"]) if given else None)
    return found


def _once(name: str, verb: Any, key: str | None) -> Any:
    def act(context: Context, **args: Any) -> Any:
        if key is None:
            if name in IDEMPOTENT:
                raise GraphQLError(
                    "The @idempotent directive is required for this mutation but was not provided.",
                    extensions={"code": "BAD_REQUEST"},
                )
            return verb(context, **args)
        return _remembered(context, name, key, verb, args)

    return act


def _remembered(context: Context, name: str, key: str, verb: Any, args: dict[str, Any]) -> Any:
    """The same key with the same arguments changes nothing again. What was made is answered by
    its document, which the verb of a repeated call reads back."""
    print_ = hashlib.sha256(json.dumps([name, args], sort_keys=True).encode()).hexdigest()
    held = context.work.get("idempotency", context.domain, key)
    if held and held["print"] != print_:
        raise GraphQLError(
            "The idempotency key was used before with other parameters.",
            extensions={"code": "IDEMPOTENCY_KEY_PARAMETER_MISMATCH"},
        )
    if held:
        return _refund_again(context, held)
    done = verb(context, **args)
    made = done.get("refund")
    if made:
        body = {"print": print_, "refund": made["id"], "order": done["order"]["id"]}
        context.work.put("idempotency", context.domain, key, body)
    return done


def _refund_again(context: Context, held: Document) -> Node:
    # refundCreate is the one mutation here that Shopify wants a key for.
    from app.sandbox.graphql import orders
    from app.sandbox.graphql.shapes import number

    placed = context.work.need("order", context.domain, number(held["order"], "Order"))
    wanted = number(held["refund"], "Refund")
    given = next(one for one in placed["refunds"] if one["id"] == wanted)
    return {
        "refund": orders.refund(placed, given),
        "order": orders.order(placed), "userErrors": [],
    }  # fmt: skip
