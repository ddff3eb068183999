"""What we say: compose, arbiter, render, outbox, send, receipts."""
