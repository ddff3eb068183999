"""Opt-ins, opt-outs and suppressions, with their evidence."""
