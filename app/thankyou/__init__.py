"""The thank-you page: what happens next, an offer with a true deadline, LINE."""
