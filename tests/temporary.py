"""One temporary folder for the whole run, gone at its end with whatever was left in it.

A pytest plugin. Browsers and the servers that tests kill have no chance to tidy up, and the
system's own folder keeps what they leave for ever. The name is short: sockets lie below it,
whose paths have at most 107 bytes. ``tmp_path`` stays where pytest has it, for a look at what
failed.
"""

from __future__ import annotations

import os
import tempfile

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Before any worker starts: those, and every process of a test, inherit it."""
    if hasattr(config, "workerinput"):
        return
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", tempfile.gettempdir())
    folder = tempfile.TemporaryDirectory(prefix="lb-run-", ignore_cleanup_errors=True)
    config.add_cleanup(folder.cleanup)
    os.environ["TMPDIR"] = tempfile.tempdir = folder.name
