"""The table of settings, read from annotations: how a value is read, checked and refused."""

import difflib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, get_args, get_type_hints

from msgspec import Struct

from liveblog.errors import ConfigError

PREFIX = "LIVEBLOG_"
_OURS_BUT_NO_SETTINGS = ("LIVEBLOG_TEST_", "LIVEBLOG_CHROMIUM")
_SECRET = (
    "database_url",
    "redis_url",
    "secret_key",
    "purge_url",
    "purge_token",
    "push_key",
    "oidc_client_secret",
    "media_secret_key",
)


class Says(NamedTuple):
    """What a setting's annotation carries: a sentence, an example, and limits of a number."""

    sentence: str
    example: str
    low: int | None = None
    high: int | None = None
    check: Callable[[Any], str | None] | None = None


class Setting(NamedTuple):
    """One row: for messages, ``--help`` and the documentation."""

    name: str
    kind: Any
    default: Any
    sentence: str
    example: str
    low: int | None
    high: int | None
    check: Callable[[Any], str | None] | None

    @property
    def env(self) -> str:
        """Its variable."""
        return PREFIX + self.name.upper()

    @property
    def shown(self) -> str:
        """The default as one would write it."""
        return self.write(self.default)

    def write(self, value: Any) -> str:
        """A value as a text that reads as the same value."""
        return ",".join(value) if isinstance(value, tuple) else str(value)

    def read(self, text: str, source: str) -> Any:
        """The value of a text.

        :raises ConfigError: it is not one; ``source`` is the variable named in the sentence.
        """
        value: Any = text
        if self.kind is int:
            if not text.isascii() or not text.isdigit() or len(text) > 18:
                raise self._wrong(source, text, f"must be a whole number{self._range()}")
            value = int(text)
        elif self.kind is Path:
            value = Path(text)
        elif self.kind is not str:
            value = tuple(part.strip() for part in text.split(",") if part.strip())
        return self.accept(value, source)

    def accept(self, value: Any, source: str = "") -> Any:
        """The value, checked. A text for a setting of another type is read first."""
        source = source or self.env
        if isinstance(value, str) and self.kind is not str:
            return self.read(value, source)
        low, high = self.low, self.high
        if self.kind is int and not (
            isinstance(value, int)
            and (low is None or value >= low)
            and (high is None or value <= high)
        ):
            raise self._wrong(source, value, f"must be a whole number{self._range()}")
        problem = self.check(value) if self.check else None
        if problem:
            raise self._wrong(source, value, problem)
        return tuple(value) if isinstance(value, list) else value

    def _range(self) -> str:
        if self.high is not None:
            return f" from {self.low or 0} to {self.high}"
        return "" if self.low is None else f", at least {self.low}"

    def _wrong(self, source: str, value: Any, problem: str) -> ConfigError:
        shown = self.write(value)
        # An address may hold a password, and a key is one: they are not repeated.
        secret = self.name in _SECRET
        told = source if secret else f"{source} is {shown!r}; it"
        hint = ""
        if self.name == "port" and shown.startswith("tcp://"):
            hint = " (Kubernetes sets this one for a service named liveblog: turn off"
            hint += " enableServiceLinks, or name the service otherwise)"
        return ConfigError(f"{told} {problem}{hint}, for example {source}={self.example}.")


def table_of(struct: type[Struct]) -> tuple[Setting, ...]:
    """The rows of a Struct whose every field has a default and says what it is."""
    hints = get_type_hints(struct, include_extras=True)
    rows = []
    for name, default in zip(struct.__struct_fields__, struct.__struct_defaults__, strict=True):
        kind, says = get_args(hints[name])
        rows.append(Setting(name, kind, default, *says))
    return tuple(rows)


def refuse_typos(environ: Mapping[str, str], rows: Iterable[Setting]) -> None:
    """Refuse a variable that is nearly one of ours.

    :raises ConfigError: it names the one that was meant.
    """
    known = {setting.env.removeprefix(PREFIX): setting for setting in rows}
    for env in environ:
        name = env.removeprefix(PREFIX)
        if name == env or name in known or env.startswith(_OURS_BUT_NO_SETTINGS):
            continue
        near = difflib.get_close_matches(name.upper(), known, n=1, cutoff=0.7)
        if near:
            meant = known[near[0]]
            raise ConfigError(
                f"There is no setting {env}. Did you mean {meant.env}, for example"
                f" {meant.env}={meant.example}?"
            )
