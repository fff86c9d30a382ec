"""The commands: ``liveblog --help``.

========= ==============================================================
frame     how commands fail: a sentence and an exit code, no traceback
options   options made from the table of settings
running   serve, web, worker, demo
keeping   migrate, check, epoch
managing  blog, token
people    user, invitation
talking   post, tail: what a client of a running server does
========= ==============================================================

Everything heavy is imported inside a command, so that ``--help`` answers at once.
"""

import click

from liveblog import __version__
from liveblog.cli.frame import Commands
from liveblog.cli.keeping import check, epoch, migrate
from liveblog.cli.managing import blog, token
from liveblog.cli.people import invitation, user
from liveblog.cli.running import demo, serve, web, worker
from liveblog.cli.talking import post, tail


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="liveblog")
def main() -> None:
    """The live-blog backend that newsrooms run themselves."""


COMMANDS = (
    *(serve, web, worker, demo),
    *(blog, token, user, invitation),
    *(post, tail, migrate, epoch, check),
)
for command in COMMANDS:
    main.add_command(command)
