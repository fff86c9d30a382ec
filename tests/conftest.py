"""What every test has: the parts of the machine, a database, Hypothesis without a stopwatch."""

from __future__ import annotations

from hypothesis import settings

pytest_plugins = ["tests.harness", "tests.valkey", "tests.postgres"]

# Hypothesis fails a test whose one example was slow. On a shared machine that says
# something about the neighbours; what takes too long is caught by the test's timeout.
settings.register_profile("liveblog", deadline=None, print_blob=True)
settings.load_profile("liveblog")
