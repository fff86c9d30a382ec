"""The harness itself: what is said of a missing part, and a database for each test."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest

from tests.harness import workers_for
from tests.postgres import PostgresServer

ROOT = Path(__file__).parents[2]

SUITE = """
import pytest

@pytest.mark.needs("chromium")
@pytest.mark.parametrize("n", ["alpha", "omega"])
def test_in_a_browser(n): pass

def test_elsewhere(): pass
"""

UNTIDY = """
import subprocess, tempfile

def test_ourselves(): tempfile.mkdtemp()

def test_a_program(): subprocess.run(["mktemp", "-d"], check=True)
"""

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs pytest with the harness on a small suite, without Chromium unless given one."""
    suite = tmp_path / "test_suite.py"
    suite.write_text(SUITE)

    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        plugins = ["-p", "tests.harness", "-p", "no:cacheprovider", "--strict-markers"]
        nowhere = {"LIVEBLOG_CHROMIUM": "/nowhere/chromium", "LIVEBLOG_TEST_REQUIRE": ""}
        return subprocess.run(
            # -c names a file outside the checkout, so that its settings are not used.
            [sys.executable, "-m", "pytest", "-c", os.devnull, *plugins, *arguments, str(suite)],
            cwd=ROOT,
            env=os.environ | nowhere | environment,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.mark.parametrize("processes", ["0", "2"])
def test_last_line_names_what_was_not_run(run: Run, processes: str) -> None:
    done = run("-n", processes)
    *_, summary, last = done.stdout.splitlines()
    assert done.returncode == 0
    assert "1 passed, 2 skipped" in summary
    assert last == (
        "not run: 2 browser tests (no Chromium). Install it: sudo apt-get install -y chromium"
    )


@pytest.mark.parametrize("processes", ["0", "2"])
def test_deselected_tests_are_not_missed(run: Run, processes: str) -> None:
    assert "not run" not in run("-n", processes, "-k", "elsewhere").stdout
    assert "not run: 1 browser test (" in run("-n", processes, "-k", "omega").stdout


@pytest.mark.parametrize("processes", ["0", "2"])
def test_nothing_is_said_when_nothing_is_missing(run: Run, processes: str) -> None:
    done = run("-n", processes, LIVEBLOG_CHROMIUM=sys.executable)
    assert "3 passed" in done.stdout.splitlines()[-1]


@pytest.mark.parametrize("processes", ["0", "2"])
def test_a_required_part_that_is_missing_fails_the_run(run: Run, processes: str) -> None:
    done = run("-n", processes, LIVEBLOG_TEST_REQUIRE="all")
    assert done.returncode != 0
    said = "there is no Chromium. Install it: sudo apt-get install -y chromium"
    assert said in done.stdout + done.stderr
    assert "passed" not in done.stdout


@pytest.mark.parametrize("processes", ["0", "2"])
def test_a_run_leaves_nothing(run: Run, tmp_path: Path, processes: str) -> None:
    (tmp_path / "test_suite.py").write_text(UNTIDY)
    system = tmp_path / "tmp"
    system.mkdir()
    done = run("-n", processes, "-p", "tests.temporary", TMPDIR=str(system))
    assert "2 passed" in done.stdout
    assert not list(system.iterdir())


def test_a_single_file_starts_no_workers() -> None:
    here = str(Path(__file__))
    assert workers_for([here]) == workers_for([f"{here}::one", f"{here}::other"]) == 0
    assert workers_for([str(ROOT / "tests")]) == (os.cpu_count() or 1) + 1


def test_a_misspelt_requirement_fails_the_run(run: Run) -> None:
    done = run(LIVEBLOG_TEST_REQUIRE="everything")
    assert done.returncode != 0
    assert 'either "all" or not set' in done.stdout + done.stderr


@pytest.mark.parametrize("processes", ["0", "2"])
def test_a_misspelt_part_fails_the_run(run: Run, tmp_path: Path, processes: str) -> None:
    (tmp_path / "test_suite.py").write_text(SUITE.replace('"chromium"', '"cromium"'))
    done = run("-n", processes)
    assert done.returncode != 0
    assert "known parts: chromium, nginx" in done.stdout
    assert "1 passed, 2 errors" in done.stdout.splitlines()[-1]


async def _connect(url: str) -> asyncpg.Connection:
    return await asyncpg.connect(url.replace("+asyncpg", ""))


async def test_database_is_real_and_empty(postgres_url: str) -> None:
    connection = await _connect(postgres_url)
    count = await connection.fetchval(
        "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"
    )
    version = await connection.fetchval("SHOW server_version_num")
    await connection.close()
    assert count == 0
    assert int(version) >= 150000


async def test_databases_are_apart(postgres_server: PostgresServer) -> None:
    with postgres_server.database() as one, postgres_server.database() as other:
        connection = await _connect(one)
        await connection.execute("CREATE TABLE here (x int)")
        elsewhere = await _connect(other)
        assert await elsewhere.fetchval("SELECT to_regclass('here')") is None
        await elsewhere.close()
        await connection.close()


async def test_database_is_dropped_although_somebody_is_connected(
    postgres_server: PostgresServer,
) -> None:
    with postgres_server.database() as url:
        connection = await _connect(url)
    connection.terminate()
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await _connect(url)


SERVER_AND_SLEEP = """
import time
from tests.postgres import run_postgres
with run_postgres() as server:
    print(server.folder, flush=True)
    time.sleep(60)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a parent-death signal")
def test_a_killed_run_leaves_no_server() -> None:
    command = [sys.executable, "-c", SERVER_AND_SLEEP]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        folder = Path(owner.stdout.readline().strip())
        postmaster = int((folder / "data" / "postmaster.pid").read_text().split()[0])
        owner.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 10
    while _is_running(postmaster) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _is_running(postmaster)
    shutil.rmtree(folder)


def _is_running(pid: int) -> bool:
    """Whether it lives. A zombie does not: in a container nobody may collect it."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"
