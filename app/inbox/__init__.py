"""Webhooks as rows: verified, stored, acknowledged; understood later."""
