"""A simulated LINE Platform: official accounts with their two channels, people with phones, the
Messaging API, LINE Login, account linking and signed webhooks.

`accounts` what a merchant sees in LINE's consoles · `people` who has whom as a friend · `objects`
what a message may look like · `messaging` push, reply, quota · `menus` rich menus · `login` LINE
Login and link tokens · `events` webhooks · `api` LINE's HTTP surface. Paths lie under `/line/api`
(api.line.me), `/line/data` (api-data.line.me), `/line/access` (access.line.me) and `/line/R`
(line.me).
"""
