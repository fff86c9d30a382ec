"""Several processes on one database, and one that is killed."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from liveblog.store import current_revision, migrate
from liveblog.store.contract import Store
from liveblog.store.upgrade import newest_revision
from liveblog.types import Seq
from tests.integration.store.samples import BLOG, add, blog

_WRITER = [sys.executable, "-m", "tests.integration.store.writer"]
_MIGRATE = "import sys; from liveblog.store import migrate; print(migrate(sys.argv[1]))"


def _start(url: str, name: str, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen([*_WRITER, url, name, str(count)], stdout=subprocess.PIPE, text=True)


async def test_two_processes_number_one_blog_densely(store: Store, ready: str) -> None:
    await store.write(add(blog()))
    writers = [_start(ready, name, 30) for name in ("a", "b")]
    with ThreadPoolExecutor() as threads:
        said = [out for out, _ in threads.map(lambda writer: writer.communicate(), writers)]
    assert [writer.returncode for writer in writers] == [0, 0]
    assert sorted(int(seq) for out in said for seq in out.split()) == list(range(1, 61))
    log = await store.read(lambda tx: tx.changes_after(BLOG, Seq(0), 100))
    assert [change.seq for change in log] == list(range(1, 61))


async def test_what_was_told_survives_kill_9(store: Store, ready: str) -> None:
    await store.write(add(blog()))
    with _start(ready, "a", 1_000_000) as writer:
        assert writer.stdout is not None
        told = [int(writer.stdout.readline()) for _ in range(20)]
        writer.kill()
        told += [int(line) for line in writer.stdout if line.endswith("\n")]
    head = (await store.read(lambda tx: tx.heads([BLOG])))[BLOG].seq
    log = await store.read(lambda tx: tx.changes_after(BLOG, Seq(0), 1_000_000))
    assert told == list(range(1, len(told) + 1))
    assert head >= len(told)
    assert [change.seq for change in log] == list(range(1, head + 1))


def test_processes_that_migrate_at_once_come_out_right(url: str) -> None:
    command = [sys.executable, "-c", _MIGRATE, url]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    said = sorted(process.communicate()[0].strip() for process in running)
    assert [process.returncode for process in running] == [0] * 4
    assert said[0].startswith("['0001'")
    assert said[1:] == ["[]"] * 3
    assert current_revision(url) == newest_revision()
    assert migrate(url) == []
