"""Commands that talk to a running server, as any client does: post and tail."""

import asyncio
import os
import sys
from contextlib import aclosing
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import click
import msgspec

from liveblog.cli.frame import ConfigFailure, Failure
from liveblog.cli.options import read_settings, server_url

_url = click.option("--url", metavar="URL", help="The server. Default: what the settings name.")
_token_file = click.option(
    "--token-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file that holds the token.  [default: the variable LIVEBLOG_TOKEN]",
)


@click.command()
@click.argument("slug")
@click.argument("text", required=False)
@click.option("--headline", help="The headline; a key entry needs one.")
@click.option("--key", is_flag=True, help="A key development: it goes into the day's roll-up.")
@click.option("--pinned", is_flag=True, help="Pin it to the top.")
@click.option("--breaking", is_flag=True, help="Mark it as breaking news.")
@click.option(
    "--wait", default=30.0, show_default=True, metavar="SECONDS",
    help="For how long to try while there is no answer.",
)  # fmt: skip
@_url
@_token_file
def post(
    slug: str,
    text: str | None,
    url: str | None,
    token_file: Path | None,
    wait: float,
    **fields: Any,
) -> None:
    """Publish an entry; prints its address.

    TEXT is Markdown; without it, it is read from standard input. The token comes from the
    variable LIVEBLOG_TOKEN or from a file, never from an argument, which others could read.
    """
    token = _token(token_file)
    if token is None:
        raise ConfigFailure(
            "A token is needed: put one into LIVEBLOG_TOKEN (liveblog token create NAME"
            " --scope write makes it)."
        )
    if text is None:
        # A headline alone is an entry: at a terminal nobody waits for more of it.
        headline_alone = fields["headline"] and sys.stdin.isatty()
        text = "" if headline_alone else sys.stdin.read()
    server = url or server_url(read_settings())
    entry = {"body": text.strip()} | {name: value for name, value in fields.items() if value}
    made = asyncio.run(_post(server, slug, token, entry, wait))
    click.echo(urljoin(server + "/", made["url"]))


async def _post(
    server: str, slug: str, token: str, entry: dict[str, Any], wait: float
) -> dict[str, Any]:
    from liveblog.client import Writer

    async with Writer(server, token) as writer:
        try:
            async with asyncio.timeout(wait):
                return await writer.post(slug, entry)
        except TimeoutError:
            raise Failure(
                f"There was no answer from {server} for {wait:g} s: start liveblog serve there,"
                " or name the server with --url."
            ) from None


@click.command()
@click.argument("slug")
@click.option("--after", metavar="CURSOR", help="Go on after this cursor; without: from now on.")
@_url
@_token_file
def tail(slug: str, after: str | None, url: str | None, token_file: Path | None) -> None:
    """Print every change as a line of JSON, until stopped.

    Each line has the cursor to go on from with --after. What breaks in between is mended;
    where the server cannot go on from a cursor, a line of the type resync holds the whole
    snapshot. The token of a private blog comes from LIVEBLOG_TOKEN or from a file.
    """
    server = url or server_url(read_settings())
    try:
        asyncio.run(_tail(server, slug, after, _token(token_file)))
    except KeyboardInterrupt:
        return


async def _tail(server: str, slug: str, after: str | None, token: str | None) -> None:
    from liveblog.client import Change, follow

    async with aclosing(follow(server, slug, after, token=token)) as items:
        async for item in items:
            line = msgspec.to_builtins(item)
            if not isinstance(item, Change):
                line = {"type": "resync"} | line
            sys.stdout.buffer.write(msgspec.json.encode(line) + b"\n")
            sys.stdout.buffer.flush()


def _token(file: Path | None) -> str | None:
    """The token: of the file, else of the environment."""
    text = file.read_text("ascii") if file else os.environ.get("LIVEBLOG_TOKEN", "")
    return text.strip() or None
