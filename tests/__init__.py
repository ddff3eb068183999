"""Tests: behaviour through the door a user takes, on real PostgreSQL and Valkey."""
