"""What every migration that makes a tenant's table says about it."""

from __future__ import annotations

from alembic import op

#: The columns a dispatcher may see, and those of them it may write.
QUEUE_READS = "shop_id, id, lane, state, due_at, retry_at, lease_until, claim_token, attempts"
QUEUE_WRITES = "state, lease_until, claim_token, attempts"


def tenant_table(name: str) -> None:
    """Only rows of the bound shop exist for the app; with no shop bound, reading is an error."""
    op.execute(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY {name}_of_shop ON {name} TO okaeri_app "
        "USING (shop_id = current_setting('okaeri.shop_id')::bigint) "
        "WITH CHECK (shop_id = current_setting('okaeri.shop_id')::bigint)"
    )
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {name} TO okaeri_app")


def queue_table(name: str) -> None:
    """A tenant's table whose rows fall due: dispatchers of all shops claim by its queue columns."""
    tenant_table(name)
    op.execute(f"CREATE POLICY {name}_for_dispatch ON {name} TO okaeri_dispatch USING (true)")
    op.execute(
        f"GRANT SELECT ({QUEUE_READS}), UPDATE ({QUEUE_WRITES}) ON {name} TO okaeri_dispatch"
    )


def host_table(name: str) -> None:
    """Belongs to the host: doors may add to it, only the owner reads it."""
    op.execute(f"GRANT INSERT ON {name} TO okaeri_app")
