"""Tests of the inbox room."""
