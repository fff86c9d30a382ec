"""The scheduler: what happens because its time has come."""

from datetime import datetime, timedelta

from liveblog.actions import Actions
from liveblog.actions.door import SCHEDULED
from workers.base import Job

BATCH = 100
REPLAYS_KEPT = timedelta(hours=48)
"""Twice what docs/protocol.md promises: a clock may be wrong, and a retry late."""


async def publish_due(actions: Actions, now: datetime) -> int:
    """Publish the entries whose ``publish_at`` has come."""
    return await actions.publish_due(now, BATCH)


async def next_due(actions: Actions, now: datetime) -> datetime | None:
    """When the next entry is to be published: an undo of five seconds is not one of six."""
    return await actions.next_due(now)


async def freeze_days(actions: Actions, now: datetime) -> int:
    """Freeze the roll-ups of days that are over in their blog's zone."""
    return await actions.freeze_days(now)


async def purge_replays(actions: Actions, now: datetime) -> int:
    """Forget what old Idempotency-Keys were answered with."""
    return await actions.purge_replays(now - REPLAYS_KEPT)


async def purge_people(actions: Actions, now: datetime) -> int:
    """Forget sessions and invitations that have expired."""
    return await actions.purge_people(now)


JOBS = (
    Job("scheduler: publish", 1.0, publish_due, BATCH, next_due=next_due, channel=SCHEDULED),
    Job("scheduler: freeze", 60.0, freeze_days),
    Job("scheduler: purge", 3600.0, purge_replays),
    Job("scheduler: sessions", 3600.0, purge_people),
)
