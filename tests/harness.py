"""What the tests need and may be missing on a machine, and what is said when it is.

A pytest plugin. Everything the tests need comes with `pip`, Valkey and PostgreSQL
included; only a browser and nginx do not. A test that drives one says so:

    @pytest.mark.needs("chromium")

Without it such a test is skipped, and the very last line of the run names what
was not run and the command that installs it: a skip in the middle of a summary is
read by nobody. Where LIVEBLOG_TEST_REQUIRE is "all", as in CI, every part has to be there,
or the run does not begin.

`make test` runs the files in several processes (pytest-xdist): there the workers find out
what is skipped, and the process that started them says it.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

REQUIRE: Final = "LIVEBLOG_TEST_REQUIRE"


class Part(msgspec.Struct, frozen=True):
    """A part of the machine that some tests need: how to find it, how to get it."""

    title: str
    kind_of_test: str
    install: str
    find: Callable[[], str | None]


def find_chromium() -> str | None:
    """The path of a Chromium to drive, None if there is none.

    LIVEBLOG_CHROMIUM names another one; when it is set, nothing else is looked for.
    """
    named = os.environ.get("LIVEBLOG_CHROMIUM")
    names = [named] if named else ["chromium", "chromium-browser", "google-chrome"]
    return next(filter(None, map(shutil.which, names)), None)


def find_nginx() -> str | None:
    """The path of an nginx to run, None if there is none. Debian keeps it where only root looks."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


PARTS: Final = {
    "chromium": Part(
        title="Chromium",
        kind_of_test="browser",
        install="sudo apt-get install -y chromium",
        find=find_chromium,
    ),
    "nginx": Part(
        title="nginx",
        kind_of_test="proxy",
        install="sudo apt-get install -y nginx-light",
        find=find_nginx,
    ),
}

_NOT_RUN: Final = pytest.StashKey[Counter[str]]()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs(part): skipped where that part is not installed")
    config.stash[_NOT_RUN] = Counter()
    if os.environ.get(REQUIRE, "") not in ("", "all"):
        raise pytest.UsageError(f'{REQUIRE} is either "all" or not set.')
    if (missing := _missing()) and os.environ.get(REQUIRE) == "all":
        titles = ", ".join(sorted(PARTS[name].title for name in missing))
        raise pytest.UsageError(f"{REQUIRE} is all, but there is no {titles}. {_install(missing)}")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """For ``-n auto``."""
    return workers_for(config.args)


def workers_for(asked: list[str]) -> int:
    """How many processes run the tests of these files, folders or tests; 0: this one alone.

    Tests wait more than they compute, so there is one more than processors. A file is run by
    one process, and to start one takes about as long as most files.
    """
    paths = {Path(one.partition("::")[0]) for one in asked}
    files = sum(len(list(path.rglob("test_*.py"))) if path.is_dir() else 1 for path in paths)
    return 0 if files < 3 else min(files, (os.cpu_count() or 1) + 1)


# Last, so that tests which -k or -m deselected are not counted as missed.
@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    missing, not_run = _missing(), config.stash[_NOT_RUN]
    for item in items:
        for name in sorted(_needs(item) & missing):
            item.add_marker(pytest.mark.skip(reason=f"no {PARTS[name].title}"))
            not_run[name] += 1
    if (output := getattr(config, "workeroutput", None)) is not None:
        output["not_run"] = dict(not_run)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A misspelt part is an error, or that test would never be skipped."""
    if unknown := _needs(item) - PARTS.keys():
        known = ", ".join(sorted(PARTS))
        pytest.fail(f"It needs {sorted(unknown)}; known parts: {known}.", pytrace=False)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Every worker collects every test, so each has counted all."""
    node.config.stash[_NOT_RUN] |= Counter(getattr(node, "workeroutput", {}).get("not_run"))


def _missing() -> set[str]:
    """The parts that this machine does not have."""
    return {name for name, part in PARTS.items() if part.find() is None}


def _needs(item: pytest.Item) -> set[str]:
    """The parts a test says it needs."""
    return {str(name) for mark in item.iter_markers("needs") for name in mark.args}


# Here and not in the terminal summary: pytest writes its own closing line after that one.
@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    not_run = config.stash.get(_NOT_RUN, Counter())
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if not_run and reporter is not None:
        reporter.write_line(not_run_line(not_run))


def not_run_line(not_run: Counter[str]) -> str:
    """One line: which tests were not run, why, and the commands that change it."""
    what = []
    for name, count in sorted(not_run.items()):
        part = PARTS[name]
        plural = "" if count == 1 else "s"
        what.append(f"{count} {part.kind_of_test} test{plural} (no {part.title})")
    return f"not run: {', '.join(what)}. {_install(not_run)}"


def _install(names: Iterable[str]) -> str:
    return f"Install it: {' && '.join(PARTS[name].install for name in sorted(names))}"


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the Chromium to drive, for tests marked as needing it."""
    path = find_chromium()
    assert path is not None, 'A test that uses Chromium is marked @pytest.mark.needs("chromium").'
    return path
