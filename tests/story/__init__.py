"""One buyer's whole story in a real browser against the real processes.

`python -m tests.story` (or `make story`) tells it: one line a step, screenshots in
`artifacts/story/`. Everything is done as a person would: by pages, mails and links.
"""
