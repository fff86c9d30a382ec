"""The loop of a worker, with jobs that the test decides."""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from liveblog.actions import Actions
from liveblog.config import Settings
from liveblog.errors import ConfigError, StoreBusy
from workers import base, scheduler
from workers.__main__ import WORKERS, jobs_of
from workers.base import Job, Loop, run_jobs

NOBODY = cast(Actions, None)


class Script:
    """A job that does what the list says, then nothing; ``idle`` is set when it came to that."""

    def __init__(self, *outcomes: int | Exception) -> None:
        self.outcomes = list(outcomes)
        self.calls = 0
        self.idle = asyncio.Event()

    async def __call__(self, actions: Actions, now: datetime) -> int:
        assert now.tzinfo is UTC
        self.calls += 1
        if not self.outcomes:
            self.idle.set()
            return 0
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


async def until_idle(job: Job, script: Script, then: Callable[[Loop], None] | None = None) -> None:
    """Run a job until its script is through, and once more when ``then`` is given."""
    loop = Loop(job, NOBODY)
    task = asyncio.create_task(loop.run())
    try:
        await asyncio.wait_for(script.idle.wait(), 10)
        if then is not None:
            script.idle.clear()
            then(loop)
            await asyncio.wait_for(script.idle.wait(), 10)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_full_batch_is_followed_by_another_at_once() -> None:
    script = Script(3, 3, 3)
    await until_idle(Job("j", 3600, script, batch=3), script)
    assert script.calls == 4


async def test_a_wake_ends_the_waiting() -> None:
    script = Script()
    await until_idle(Job("j", 3600, script), script, lambda loop: loop.wake())
    assert script.calls == 2


async def test_the_timer_ends_the_waiting() -> None:
    script = Script(1, 1)
    await until_idle(Job("j", 0.001, script), script)
    assert script.calls == 3


async def test_what_is_known_to_be_due_is_handled_at_its_moment() -> None:
    due = [datetime.now(UTC) + timedelta(milliseconds=20), None]

    async def next_due(actions: Actions, now: datetime) -> datetime | None:
        return due.pop(0) if due else None

    script = Script(1)
    await until_idle(Job("j", 3600, script, next_due=next_due), script)
    assert script.calls == 2


async def test_what_was_due_long_ago_is_handled_without_a_wait() -> None:
    async def next_due(actions: Actions, now: datetime) -> datetime | None:
        return datetime(2020, 1, 1, tzinfo=UTC)

    script = Script(1, 1)
    await until_idle(Job("j", 3600, script, next_due=next_due), script)


async def test_a_failure_is_logged_and_tried_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(base, "PAUSE_FIRST", 0.001)
    caplog.set_level(logging.INFO)
    script = Script(StoreBusy(), ValueError("odd"))
    await until_idle(Job("j", 3600, script), script)
    told = [record for record in caplog.records if record.name == "workers.base"]
    assert [record.levelname for record in told] == ["ERROR", "ERROR", "INFO"]
    assert told[0].exc_info is None, "a busy store is no bug"
    assert told[1].exc_info is not None


async def test_one_job_that_fails_does_not_hold_up_another() -> None:
    good, bad = Script(1), Script(ValueError("odd"))
    ending = asyncio.Event()
    jobs = [Job("good", 0.001, good), Job("bad", 3600, bad)]
    task = asyncio.create_task(run_jobs(jobs, NOBODY, ending))
    await asyncio.wait_for(good.idle.wait(), 10)
    ending.set()
    await asyncio.wait_for(task, 10)
    assert bad.calls == 1


async def test_the_scheduler_asks_for_what_its_names_say() -> None:
    asked: list[tuple[str, object]] = []
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)

    class Fake:
        async def publish_due(self, at: datetime, limit: int) -> int:
            asked.append(("publish", (at, limit)))
            return 1

        async def freeze_days(self, at: datetime) -> int:
            asked.append(("freeze", at))
            return 1

        async def purge_replays(self, before: datetime) -> int:
            asked.append(("purge", before))
            return 1

        async def purge_people(self, at: datetime) -> int:
            asked.append(("people", at))
            return 1

    for job in scheduler.JOBS:
        assert await job.handle(cast(Actions, Fake()), now) == 1
    assert asked == [
        ("publish", (now, scheduler.BATCH)),
        ("freeze", now),
        ("purge", now - timedelta(hours=48)),
        ("people", now),
    ]


def test_workers_are_known_by_name() -> None:
    settings = Settings(public_url="https://n.example", purge_url="https://cdn.example")
    assert jobs_of(["scheduler", "scheduler"], settings) == list(scheduler.JOBS)
    assert len(jobs_of([], settings)) == sum(len(jobs(settings)) for jobs in WORKERS.values()) == 9
    assert jobs_of(["purge"], Settings()) == [], "without a hook it waits to be ended"
    with pytest.raises(ConfigError, match=r"no worker webhook; there are: .*scheduler"):
        jobs_of(["webhook"], settings)
