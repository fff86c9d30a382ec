"""The HTTP API: ``/api/v1``.

========= ====================================================
common    reading requests, making answers
blogs     blogs and days
entries   entries and their history
changes   snapshot and long-poll
========= ====================================================
"""
