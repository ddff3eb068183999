"""A simulated Shopify on its own port; imports `core` only, so that it cannot sign with the code
under test.

How it is put together
----------------------
* `settings.SandboxSettings.from_env(env)`: what the host decides.
* `running.Sandbox`: everything built once per process; `running.here()` gives it inside a request.
* `verbs`: **everything the pages call**. Each verb takes the `Sandbox` first, is one transaction,
  raises `store.Refused` (its text is a sentence for the person at the page) when Shopify would
  refuse, and returns plain dicts ("documents").
* `store`: documents as JSONB in PostgreSQL, one database of the sandbox's own.
* `graphql`, `oauth`, `webhooks`, `payloads`: Shopify's protocols. `parcels`, `timemachine`, `mail`:
  the world around it. `seed`: the two shops.
* `app.create_sandbox(settings)`: the Flask app; it registers `api` (protocols) and what
  `app.sandbox.web.blueprints()` returns (pages).

Documents (all keys always present; ids are integers as in Shopify's REST, money is in minor units
of the shop's currency, times are ISO 8601 in UTC and business time)
-------------------------------------------------------------------------------------------------
shop         domain, handle, name, locale ("ja"), currency, zone, email, plan, country, address,
             phone, primary_url, tax_included, installed (bool), scopes [..], id
product      id, handle, title, description, type, tags, vendor, status, requires_shipping,
             image {src, alt, width, height} (absolute URL), images [..], variants [..], tax_rate
  variant    id, title, options {name: value}, sku, price, compare_at, inventory (int|None),
             requires_shipping, grams, image
checkout     token, shop, created_at, lines [line], attributes {k: v}, note, email, address {..},
             discount_codes [str], discounts [{code, amount, ok, reason, type}], subtotal, discount,
             shipping, tax, total, currency, locale, ref, completed_order_id, prefill {..}
  line       variant_id, product_id, title, variant_title, sku, quantity, price (unit), discount,
             total, requires_shipping, image {src, alt}, properties {k: v}
order        id, name ("#1001"), number, confirmation_number, token, checkout_token, shop,
             created_at, updated_at, processed_at, cancelled_at, cancel_reason, test, source_name,
             financial_status, fulfillment_status (None|partial|fulfilled), currency, locale, email,
             phone, customer_id, shipping_address, billing_address, lines [line + id,
             current_quantity, fulfilled_quantity, fulfillable_quantity], subtotal, discount,
             shipping, tax, total, refunded, tax_lines, discount_codes [{code, amount, type}],
             note, note_attributes {k: v}, payment ("card"|"konbini"|"bank"|"cod"|"cash"),
             fulfillments [fulfillment], refunds [..], status_url, first (bool), ref
  fulfillment id, order_id, name ("#1001.1"), status, shipment_status, company, number, url,
             created_at, updated_at, lines [{line_id, quantity}], scenario, events [event], planned
             [{due_at, status}]
  event      id, status (lower case), message, city, province, country, happened_at, estimated_at
return       id, order_id, shop, name ("#1001-R1"), status ("requested"|"open"|"closed"|"declined"|
             "canceled"), created_at, closed_at, decline, lines [{id, line_id, quantity, reason,
             note}]
customer     id, email, phone, first_name, last_name, locale, addresses, tags, marketing_state
             ("subscribed"|"not_subscribed"|"unsubscribed"|"pending"), marketing_level,
             marketing_updated_at, orders_count, total_spent
delivery     id, shop, topic, uri, webhook_id, event_id, state ("pending"|"delivered"|"failed"),
             attempts, next_at, status, error, note ("repeat"|"late"|None), created_at, body (str),
             history [{at, status, ms, error}]
mail         id, received_at (business), machine_at, sender, recipients, subject, from, to,
             reply_to, headers [[name, value]], text, html, size
forward      state ("running"|"done"|"stuck"|"failed"), from, now, to, steps [{moment, events,
             seconds}], stuck [str]
"""
