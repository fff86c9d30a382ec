"""How commands fail: one sentence on standard error that says what to do, and an exit code.

2 is for what the caller can put right in the command or the configuration, 1 for all else.
A traceback is for us and not for an editor at two in the morning.
"""

import os
import sys
from typing import Any

import click

from liveblog.errors import ConfigError, LiveblogError


class Failure(click.ClickException):
    """A command that could not do it."""

    def show(self, file: Any = None) -> None:
        """The sentence, on standard error."""
        click.echo(f"liveblog: {self.format_message()}", file=file or sys.stderr)


class ConfigFailure(Failure):
    """The command or the configuration is wrong."""

    exit_code = 2


class Commands(click.Group):
    """A group in which our own errors become sentences."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order in which one needs them, not in that of the alphabet."""
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except ConfigError as error:
            raise ConfigFailure(str(error)) from None
        except LiveblogError as error:
            raise Failure(str(error)) from None
        except BrokenPipeError:
            # Whoever read us has read enough. Python flushes once more at the end: into nothing.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(0)
