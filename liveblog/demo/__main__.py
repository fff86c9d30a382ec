"""``python -m liveblog.demo PACE``: the process that writes, a child of the demonstration's
server. It makes itself a token, as whoever runs the machine may, and is a client from then
on."""

import asyncio
import os
import secrets
import signal
import sys

from liveblog.actions import Actions, open_actions
from liveblog.client import Writer
from liveblog.config import Settings
from liveblog.demo.desk import Desk
from liveblog.demo.moves import moves
from liveblog.demo.seed import SLUG
from liveblog.errors import ConfigError, Conflict
from liveblog.server.lifeline import watch_lifeline
from liveblog.server.logs import configure_logging
from liveblog.types import Slug
from liveblog.wire.people import Accept

EMAIL = "editor@demo.example"


async def run(settings: Settings, pace: float) -> None:
    """Write until a signal says to end."""
    loop = asyncio.get_running_loop()
    working = asyncio.current_task()
    assert working is not None
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, working.cancel)
    url = _url(settings)
    async with open_actions(settings) as actions:
        own = await actions.create_token("the demonstration's desk", "admin")
        async with Writer(url, own) as writer:
            desk = Desk(url, writer, pace)
            await desk.set_up()
            yours = await actions.create_token("for you to try", "write", Slug(SLUG))
            _say(url, await editor(actions), yours)
            await desk.play(moves())


def _url(settings: Settings) -> str:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


async def editor(actions: Actions) -> str:
    """Makes somebody to sign in as; their password, a new one at each start."""
    password = secrets.token_urlsafe(9)
    try:
        await actions.people.create(EMAIL, "Demo Editor", "chief", password=password)
    except Conflict:  # in a folder of an earlier demonstration
        link = await actions.invitations.renew(EMAIL)
        await actions.invitations.accept(Accept(link.token, password))
    return password


def _say(url: str, password: str, token: str) -> None:
    sys.stdout.write(
        "\n"
        f"  The live page   {url}/blogs/{SLUG}\n"
        f"  The desk        {url}/studio\n"
        f"  to sign in      {EMAIL}  {password}\n"
        f"  A write token   {token}\n"
        "\n"
        "Stop it with Ctrl-C.\n"
    )
    sys.stdout.flush()


def main(pace: float) -> int:
    """The exit code: 2 when the configuration is not sound."""
    watch_lifeline()
    try:
        settings = Settings.from_env(os.environ)
        configure_logging(settings.log_level, "demo")
        asyncio.run(run(settings, pace))
    except ConfigError as error:
        sys.stderr.write(f"liveblog: {error}\n")
        return 2
    except asyncio.CancelledError:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 4.0))
