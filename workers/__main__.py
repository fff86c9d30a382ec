"""``python -m workers [NAME…]``: run workers until SIGTERM or SIGINT.

``liveblog worker`` becomes this program, ``liveblog serve`` starts it as a child.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence

from liveblog.actions import open_actions
from liveblog.config import Settings
from liveblog.errors import ConfigError
from liveblog.server.lifeline import watch_lifeline
from liveblog.server.logs import configure_logging
from workers import embeds, media, purge, push, scheduler
from workers.base import Job, Waker, run_jobs

WORKERS: Mapping[str, Callable[[Settings], Sequence[Job]]] = {
    "scheduler": lambda settings: scheduler.JOBS,
    "purge": purge.jobs,
    "push": push.jobs,
    "media": media.jobs,
    "embeds": embeds.jobs,
}


def jobs_of(names: Sequence[str], settings: Settings) -> list[Job]:
    """The jobs of these workers, of all when none is named.

    :raises ConfigError: there is no such worker.
    """
    for name in names:
        if name not in WORKERS:
            known = ", ".join(WORKERS)
            raise ConfigError(f"There is no worker {name}; there are: {known}.")
    return [job for name in dict.fromkeys(names or WORKERS) for job in WORKERS[name](settings)]


async def run(settings: Settings, jobs: Sequence[Job]) -> None:
    """Work until a signal says to end."""
    ending = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ending.set)
    waker = Waker()
    async with open_actions(settings, waker) as actions:
        await run_jobs(jobs, actions, ending, waker)


def main(names: Sequence[str]) -> int:
    """The exit code: 2 when the configuration is not sound."""
    watch_lifeline()
    try:
        settings = Settings.from_env(os.environ)
        configure_logging(settings.log_level, "+".join(names) or "workers")
        asyncio.run(run(settings, jobs_of(names, settings)))
    except ConfigError as error:
        sys.stderr.write(f"Error: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
