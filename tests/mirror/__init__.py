"""Tests of the mirror room."""
