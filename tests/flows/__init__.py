"""Whole lives of orders, told at the doors: webhooks in, mails out, the calendar beside them."""
