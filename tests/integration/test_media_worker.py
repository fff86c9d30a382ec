"""The media worker on both engines and both storages: whatever dies, a picture gets made, or
somebody is told that it does not. Time is handed in, and nobody sleeps."""

import asyncio
import os
import signal
import sys
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from PIL import Image

from liveblog.errors import StorageTrouble
from liveblog.media import Confined, Storage
from liveblog.media.confined import Broken
from liveblog.media.disk import Disk
from liveblog.media.job import Answer, Job
from liveblog.model.media import Medium
from liveblog.store import migrate
from liveblog.store.contract import Tx
from liveblog.types import MediumId
from tests.acceptance.processes import ROOT, environment
from tests.pictures import encoded, jpeg
from tests.uploads import LIBRARY, PIXELS, Newsroom, problem
from workers.media import BREAKS, CLAIM, MOST, Maker


async def kept(room: Newsroom, medium_id: str) -> Medium:
    found = await room.store.read(lambda tx: tx.medium(MediumId(medium_id)))
    assert found is not None
    return found


class Held(Confined):
    """A runner that waits for the test before it works."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.go = asyncio.Event(), asyncio.Event()

    async def run(self, job: Job, content: bytes) -> Answer:
        """Begin, and wait."""
        self.begun.set()
        await self.go.wait()
        return await super().run(job, content)


class Killed(Confined):
    """A file that kills whoever opens it."""

    async def run(self, job: Job, content: bytes) -> Answer:
        """It never comes to an answer."""
        raise Broken("It ended with -9 and no answer.")


async def test_two_workers_do_not_make_the_same_picture(room: Newsroom) -> None:
    made = [(await room.upload(jpeg(300 + n, 200))).json()["id"] for n in range(2)]
    runner = Held()
    first = Maker(room.storage, runner, PIXELS)
    now = datetime.now(UTC)
    task = asyncio.create_task(first(room.served.actions, now))
    await runner.begun.wait()
    assert await room.work(now) == 1
    assert await room.work(now) == 0, "the other one is at it"
    runner.go.set()
    assert await task == 1
    for medium_id in made:
        medium = await kept(room, medium_id)
        assert (medium.state, medium.attempts) == ("ready", 1)


async def test_who_was_too_slow_changes_nothing_any_more(room: Newsroom) -> None:
    medium_id = (await room.upload(jpeg(300, 200))).json()["id"]
    runner = Held()
    now = datetime.now(UTC)
    slow = asyncio.create_task(Maker(room.storage, runner, PIXELS)(room.served.actions, now))
    await runner.begun.wait()
    assert await room.work(now + CLAIM) == 1
    before = await kept(room, medium_id)
    assert (before.state, before.attempts) == ("ready", 2)
    runner.go.set()
    await slow
    assert await kept(room, medium_id) == before


async def test_who_was_too_slow_and_failed_takes_it_from_nobody(room: Newsroom) -> None:
    medium_id = (await room.upload(jpeg(300, 200))).json()["id"]
    first, second = Held(), Held()
    now = datetime.now(UTC)
    slow = asyncio.create_task(Maker(room.storage, first, 1)(room.served.actions, now))
    await first.begun.wait()
    other = Maker(room.storage, second, PIXELS)
    quick = asyncio.create_task(other(room.served.actions, now + CLAIM))
    await second.begun.wait()
    before = await kept(room, medium_id)
    first.go.set()
    await slow  # with a bound of one pixel it would have been failed
    assert await kept(room, medium_id) == before
    second.go.set()
    await quick
    assert (await kept(room, medium_id)).state == "ready"


async def test_what_is_deleted_while_it_is_made_leaves_no_file(room: Newsroom) -> None:
    medium_id = (await room.upload(jpeg(300, 200))).json()["id"]
    runner = Held()
    now = datetime.now(UTC)
    slow = asyncio.create_task(Maker(room.storage, runner, PIXELS)(room.served.actions, now))
    await runner.begun.wait()
    answer = await room.http.delete(f"{LIBRARY}/{medium_id}", headers=room.headers)
    assert answer.status_code == 204
    assert await room.work(now + timedelta(minutes=5)) == 1
    runner.go.set()
    await slow
    for name in ("original", "300.jpg", "300.avif"):
        assert await room.storage.get(f"{medium_id}/{name}") is None


async def test_a_file_that_kills_is_given_up_after_three_attempts(room: Newsroom) -> None:
    medium_id = (await room.upload(jpeg(300, 200))).json()["id"]
    killed = Maker(room.storage, Killed(), PIXELS)
    now = datetime.now(UTC)
    room.served.actions.door.clock = lambda: now
    for attempt in range(1, BREAKS + 1):
        assert await killed(room.served.actions, now) == 1
        medium = await kept(room, medium_id)
        assert medium.attempts == attempt
        assert await killed(room.served.actions, now) == 0, "not before its time"
        now += timedelta(minutes=10)
    assert (medium.state, medium.due_at) == ("failed", None)
    assert (await room.medium(medium_id))["reason"] == (
        "The picture could not be read in several attempts; it may be damaged."
    )
    assert await killed(room.served.actions, now) == 0


class Mistaken(Confined):
    """A mistake of ours."""

    async def run(self, job: Job, content: bytes) -> Answer:
        """Nobody expects this."""
        raise ZeroDivisionError("not the file's fault")


async def test_a_mistake_of_ours_has_an_end_too(
    room: Newsroom, caplog: pytest.LogCaptureFixture
) -> None:
    medium_id = (await room.upload(jpeg(300, 200))).json()["id"]
    mistaken = Maker(room.storage, Mistaken(), PIXELS)
    now = datetime.now(UTC)
    room.served.actions.door.clock = lambda: now
    for attempt in range(1, BREAKS + 1):
        assert await mistaken(room.served.actions, now) == 1
        assert (await kept(room, medium_id)).attempts == attempt
        assert await mistaken(room.served.actions, now) == 0, "not before its time"
        now += timedelta(minutes=10)
    failed = await room.medium(medium_id)
    assert (failed["state"], failed["reason"]) == (
        "failed",
        "What readers get could not be made of it, by a mistake of ours; the log says more.",
    )
    assert "not the file's fault" in caplog.text


def claim(now: datetime, until: datetime, tx: Tx) -> Medium | None:
    return tx.claim_medium(now, until)


async def test_a_file_at_which_every_worker_dies_is_given_up(room: Newsroom) -> None:
    """Or whose end could never be kept: nobody is there to count its attempts but the claims."""
    medium_id = (await room.upload(jpeg(300, 200))).json()["id"]
    now = datetime.now(UTC)
    for _ in range(MOST):
        until = now + CLAIM
        assert await room.store.write(partial(claim, now, until))
        now = until
    assert await room.work(now) == 1
    medium = await kept(room, medium_id)
    assert (medium.state, medium.attempts) == ("failed", MOST + 1)
    assert "by a mistake of ours" in (medium.reason or "")
    assert await room.work(now + CLAIM) == 0


async def test_a_bomb_does_not_take_the_worker_down(room: Newsroom) -> None:
    """The bound was larger when it was uploaded: now it is a bomb, and the next one is not."""
    bomb = (await room.upload(encoded(Image.new("1", (2000, 2000)), "PNG"))).json()["id"]
    after = (await room.upload(jpeg(300, 200))).json()["id"]
    strict = Maker(room.storage, Confined(), 1_000_000)
    while await strict(room.served.actions, datetime.now(UTC)):
        pass
    medium = await kept(room, bomb)
    assert medium.state == "failed"
    assert "2000 × 2000 pixels, more than the 1,000,000" in (medium.reason or "")
    assert (await kept(room, after)).state == "ready"


async def test_a_storage_that_is_away_is_tried_for_long_and_not_for_ever(
    room: Newsroom, tmp_path: Path
) -> None:
    medium_id = (await room.upload(jpeg(300, 200))).json()["id"]
    (tmp_path / "no-folder").write_bytes(b"")
    away = Maker(Disk(tmp_path / "no-folder"), Confined(), PIXELS)
    began = now = datetime.now(UTC)
    room.served.actions.door.clock = lambda: now
    while (medium := await kept(room, medium_id)).state == "processing":
        assert medium.due_at is not None
        now = max(now, medium.due_at)
        assert await away(room.served.actions, now) == 1
    assert medium.attempts == MOST
    assert timedelta(minutes=15) < now - began < timedelta(hours=1)
    assert medium.reason == (
        "The storage for media did not give or take its files for long; upload it again."
    )


async def test_what_is_deleted_goes_though_the_storage_was_away(
    room: Newsroom, tmp_path: Path
) -> None:
    medium_id = (await room.ready(jpeg(300, 200)))["id"]
    await room.http.delete(f"{LIBRARY}/{medium_id}", headers=room.headers)
    (tmp_path / "no-folder").mkdir()
    (tmp_path / "no-folder" / medium_id).write_bytes(b"no folder either")
    away = Maker(Disk(tmp_path / "no-folder"), Confined(), PIXELS)
    now = datetime.now(UTC) + timedelta(minutes=1)
    room.served.actions.door.clock = lambda: now
    for _ in range(MOST + 3):
        assert await away(room.served.actions, now) == 1
        now += timedelta(minutes=6)
    assert (await kept(room, medium_id)).state == "deleted"
    assert await room.work(now) == 1
    assert await room.storage.get(f"{medium_id}/original") is None
    assert await room.store.read(lambda tx: tx.medium(MediumId(medium_id))) is None


async def test_an_attempt_has_an_end(room: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    medium_id = (await room.upload(jpeg(300, 200))).json()["id"]
    monkeypatch.setattr("workers.media.ATTEMPT", 0.05)
    stuck = Maker(room.storage, Held(), PIXELS)
    assert await stuck(room.served.actions, datetime.now(UTC)) == 1
    medium = await kept(room, medium_id)
    assert (medium.state, medium.claimed_until) == ("processing", None)


async def test_a_storage_that_comes_back_is_enough(room: Newsroom, tmp_path: Path) -> None:
    medium_id = (await room.upload(jpeg(300, 200))).json()["id"]
    (tmp_path / "no-folder").write_bytes(b"")
    away = Maker(Disk(tmp_path / "no-folder"), Confined(), PIXELS)
    assert await away(room.served.actions, datetime.now(UTC)) == 1
    assert await room.work(datetime.now(UTC) + timedelta(minutes=1)) == 1
    assert (await kept(room, medium_id)).state == "ready"


async def test_a_storage_that_is_another_than_that_of_the_web(
    room: Newsroom, tmp_path: Path
) -> None:
    """Nothing of what was uploaded is in it. Somebody will mend that: no picture is given up."""
    medium_id = (await room.upload(jpeg(300, 200))).json()["id"]
    other = Maker(Disk(tmp_path / "other"), Confined(), PIXELS)
    assert await other(room.served.actions, datetime.now(UTC)) == 1
    assert (await kept(room, medium_id)).state == "processing"
    assert await room.work(datetime.now(UTC) + timedelta(minutes=1)) == 1
    assert (await kept(room, medium_id)).state == "ready"


class Full:
    """A storage on a full disk."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    async def put(self, name: str, content: bytes) -> None:
        """There is no room."""
        raise StorageTrouble("The folder for media cannot keep a file: there is no space left.")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._storage, name)


async def test_a_disk_that_is_full_while_it_is_made(room: Newsroom) -> None:
    medium_id = (await room.upload(jpeg(300, 200))).json()["id"]
    full: Any = Full(room.storage)
    assert await Maker(full, Confined(), PIXELS)(room.served.actions, datetime.now(UTC)) == 1
    assert (await kept(room, medium_id)).state == "processing"
    assert await room.work(datetime.now(UTC) + timedelta(minutes=1)) == 1
    assert (await kept(room, medium_id)).state == "ready"


async def test_a_disk_that_is_full_takes_no_upload(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(room.storage), "put", Full.put)
    answer = await room.upload(jpeg(300, 200))
    assert (answer.status_code, problem(answer)) == (503, "storage-unavailable")
    assert "Retry-After" in answer.headers
    monkeypatch.undo()
    library = await room.http.get(LIBRARY, headers=room.headers)
    assert library.json()["media"] == []
    assert (await room.upload(jpeg(300, 200))).status_code == 201


async def test_a_worker_that_is_killed_in_the_middle(room: Newsroom, tmp_path: Path) -> None:
    """A real process, with SIGKILL, while a picture is being made."""
    noise = encoded(Image.effect_noise((1900, 1900), 60), "JPEG", quality=2)
    assert len(noise) < 300_000
    medium_id = (await room.upload(noise)).json()["id"]
    env = environment(**room.environment, LIVEBLOG_REDIS_URL=f"unix://{tmp_path}/nobody.sock")
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "workers", "media", env=env, cwd=ROOT,
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with asyncio.timeout(60):
            while (await kept(room, medium_id)).attempts == 0:  # noqa: ASYNC110 - nothing says so
                await asyncio.sleep(0.01)
    finally:
        os.kill(worker.pid, signal.SIGKILL)
        await worker.wait()
    medium = await kept(room, medium_id)
    assert medium.state == "processing", "it was killed in the middle"
    assert await room.work() == 0, "until its claim ends nobody knows"
    assert await room.work(datetime.now(UTC) + CLAIM) == 1
    assert (await kept(room, medium_id)).state == "ready"


async def test_check_says_how_it_stands(room: Newsroom) -> None:
    env = environment(**room.environment)

    async def check() -> tuple[int | None, str]:
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "liveblog.cli", "check", env=env, stdout=pipe, stderr=pipe
        )
        said, _ = await process.communicate()
        (line,) = [line for line in said.decode().splitlines() if " media: " in line]
        return process.returncode, line

    code, line = await check()
    assert (code, line[:9]) == (0, "ok    med")
    assert "takes files and gives them back; 0 bytes of 100.0 GiB used" in line
    medium_id = (await room.upload(jpeg(300, 200))).json()["id"]
    old = datetime.now(UTC) - timedelta(hours=1)

    def age(tx: Any) -> None:
        tx.save_medium(replace(tx.medium(medium_id), due_at=old))

    await room.store.write(age)
    code, line = await check()
    assert code == 1
    assert "pictures wait to be made ready (1, the first since" in line


async def test_check_says_what_a_bucket_said(tmp_path: Path) -> None:
    await asyncio.to_thread(migrate, f"sqlite:///{tmp_path}/liveblog.db")
    env = environment(
        LIVEBLOG_DATA_DIR=str(tmp_path),
        LIVEBLOG_MEDIA_URL="s3://media",
        LIVEBLOG_MEDIA_ENDPOINT="http://127.0.0.1:1",
        LIVEBLOG_MEDIA_KEY_ID="key",
        LIVEBLOG_MEDIA_SECRET_KEY="s3cret",
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "liveblog.cli", "check", env=env, stdout=asyncio.subprocess.PIPE
    )
    said = (await process.communicate())[0].decode()
    assert "fails media: Pictures cannot be kept: The storage for media cannot keep a file" in said
    assert "127.0.0.1:1" in said
    assert "s3cret" not in said
    assert process.returncode == 1


@pytest.mark.parametrize(("argument", "code"), [("--version", 0), ("--nonsense", 2)])
async def test_a_command_that_used_a_bucket_ends_with_its_own_code(
    argument: str, code: int
) -> None:
    """Threads of obstore abort a process whose interpreter is being taken down."""
    late = (
        "import atexit, os, obstore, sys; from liveblog.cli.__main__ import run;"
        f" atexit.register(os.abort); sys.argv = ['liveblog', {argument!r}]; run()"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", late, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    said, complained = await process.communicate()
    assert (process.returncode, bool(said), bool(complained)) == (code, code == 0, code != 0)
