"""Shopify's API: the gateway's verbs, the verifiers, tokens and payloads."""
