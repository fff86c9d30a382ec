"""What every test has: the parts of the machine, a database, Hypothesis without a stopwatch."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = [
    "tests.temporary",
    "tests.harness",
    "tests.valkey",
    "tests.postgres",
    "tests.moto",
    "tests.uploads",
]

# Hypothesis fails a test whose one example was slow, or slow to be made. On a shared machine
# that says something about the neighbours; what takes too long is caught by the test's timeout.
STOPWATCH = [HealthCheck.too_slow]
settings.register_profile(
    "liveblog", deadline=None, suppress_health_check=STOPWATCH, print_blob=True
)
settings.load_profile("liveblog")


@pytest.fixture(autouse=True)
def logging_as_found() -> Iterator[None]:
    """Loggers belong to the process: one that a test leaves quiet is quiet for every test after
    it, and what these look for in the log is then missing or not by the order of the run."""
    before = loggers()
    yield
    after = loggers()
    assert {name: after[name] for name in before} == before


def loggers() -> dict[str, tuple[int, bool, bool]]:
    """Level, propagation and whether it is off, of each logger there is. A library may give one
    that it makes a level; uvicorn turns off its log of accesses wherever ours runs."""
    made = logging.root.manager.loggerDict.items()
    named = {name: one for name, one in made if isinstance(one, logging.Logger)}
    return {
        name: (one.level, one.propagate, one.disabled)
        for name, one in ({"": logging.root} | named).items()
        if name != "uvicorn.access"
    }
