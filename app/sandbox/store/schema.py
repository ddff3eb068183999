"""The sandbox's tables. They are made where they are missing; there is nothing to migrate, since
`make demo-reset` forgets everything."""

from __future__ import annotations

TABLES = (
    "CREATE SEQUENCE IF NOT EXISTS ids START 6100000000017 INCREMENT 31",
    """CREATE TABLE IF NOT EXISTS documents (
        kind text NOT NULL, shop text NOT NULL, key text NOT NULL, body jsonb NOT NULL,
        seq bigint GENERATED ALWAYS AS IDENTITY, PRIMARY KEY (kind, shop, key))""",
    "CREATE INDEX IF NOT EXISTS documents_body ON documents USING gin (body jsonb_path_ops)",
    "CREATE INDEX IF NOT EXISTS documents_seq ON documents (kind, shop, seq)",
    # Webhooks to post. Times here are the machine's, except what the body and `triggered_at` say.
    """CREATE TABLE IF NOT EXISTS deliveries (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, shop text NOT NULL,
        number bigint NOT NULL, topic text NOT NULL, uri text NOT NULL, webhook_id text NOT NULL,
        event_id text NOT NULL, api_version text NOT NULL, triggered_at timestamptz NOT NULL,
        body text NOT NULL, state text NOT NULL DEFAULT 'pending', attempts int NOT NULL DEFAULT 0,
        next_at timestamptz NOT NULL DEFAULT clock_timestamp(), leased_until timestamptz,
        again boolean NOT NULL DEFAULT false, note text, status int, error text,
        history jsonb NOT NULL DEFAULT '[]',
        created_at timestamptz NOT NULL DEFAULT clock_timestamp())""",
    "CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (next_at) WHERE state = 'pending'",
    "CREATE INDEX IF NOT EXISTS deliveries_shop ON deliveries (shop, id)",
    # LINE's webhooks to post; times are the machine's.
    """CREATE TABLE IF NOT EXISTS line_events (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, shop text NOT NULL,
        body jsonb NOT NULL, state text NOT NULL DEFAULT 'pending', attempts int NOT NULL DEFAULT 0,
        next_at timestamptz NOT NULL DEFAULT clock_timestamp(), leased_until timestamptz,
        status int, reason text, created_at timestamptz NOT NULL DEFAULT clock_timestamp())""",
    "CREATE INDEX IF NOT EXISTS line_events_due ON line_events (next_at) WHERE state = 'pending'",
    # What the world will do at a moment of business time.
    """CREATE TABLE IF NOT EXISTS agenda (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, shop text NOT NULL, kind text NOT NULL,
        subject text NOT NULL, due_at timestamptz NOT NULL, body jsonb NOT NULL DEFAULT '{}',
        done_at timestamptz)""",
    "CREATE INDEX IF NOT EXISTS agenda_due ON agenda (due_at) WHERE done_at IS NULL",
    """CREATE TABLE IF NOT EXISTS mails (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, received_at timestamptz NOT NULL,
        machine_at timestamptz NOT NULL DEFAULT clock_timestamp(), sender text NOT NULL,
        recipients jsonb NOT NULL, raw bytea NOT NULL)""",
)
