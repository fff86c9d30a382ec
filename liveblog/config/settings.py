"""The settings themselves."""

import difflib
import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

from msgspec import Struct

from liveblog.errors import ConfigError

from . import checks
from .folder import make_folder, make_push_key, make_secret, read_kept, valkey_socket
from .table import PREFIX, Says, Setting, table_of

_OURS_BUT_NO_SETTINGS = ("LIVEBLOG_TEST_", "LIVEBLOG_CHROMIUM")
_DATABASES = ("postgresql", "postgresql+asyncpg", "sqlite")
_BROKERS = ("redis", "rediss", "unix", "redis+sentinel", "redis+cluster")


class Settings(Struct, frozen=True, kw_only=True):
    """Everything that can be set. Times are in seconds, sizes in bytes."""

    host: Annotated[str, Says("The address to listen on.", "0.0.0.0")] = "127.0.0.1"
    port: Annotated[
        int,
        Says(
            "The port to listen on; 0 takes any free one. PORT where only that is set.",
            "8000",
            low=0,
            high=65535,
        ),
    ] = 8000
    processes: Annotated[
        int, Says("How many web processes `serve` starts.", "2", low=1, high=256)
    ] = 1
    data_dir: Annotated[
        Path,
        Says(
            "The data folder: database, secret key and socket of the embedded Valkey.",
            "/var/lib/liveblog",
            check=checks.folder,
        ),
    ] = Path("liveblog-data")
    database_url: Annotated[
        str,
        Says(
            "The database; when empty, SQLite in the data folder.",
            "postgresql://user:password@host/database",
            check=checks.url_of(*_DATABASES),
        ),
    ] = ""
    redis_url: Annotated[
        str,
        Says(
            "The Redis 7 or Valkey that carries changes between processes; when empty, the"
            " embedded one that `serve` starts.",
            "redis://host:6379/0",
            check=checks.url_of(*_BROKERS),
        ),
    ] = ""
    redis_prefix: Annotated[
        str, Says("What the name of every channel begins with.", "liveblog")
    ] = "liveblog"
    public_url: Annotated[
        str,
        Says(
            "Where readers find this server; absolute addresses are made from it and never from"
            " the Host header. It may have a path.",
            "https://news.example/live",
            check=checks.public_url,
        ),
    ] = ""
    allowed_origins: Annotated[
        tuple[str, ...],
        Says(
            "The origins whose pages may read here; * is all.",
            "https://a.example",
            check=checks.origins,
        ),
    ] = ("*",)
    trusted_proxies: Annotated[
        tuple[str, ...],
        Says(
            "The addresses and networks whose X-Forwarded-For and X-Forwarded-Proto are"
            " believed; none when empty.",
            "127.0.0.1,10.0.0.0/8",
            check=checks.proxies,
        ),
    ] = ()
    purge_url: Annotated[
        str,
        Says(
            "The purge hook: where each change is told, so that caches may keep older pages; when"
            " empty, nobody may keep them. It needs LIVEBLOG_PUBLIC_URL.",
            "https://cdn.example/purge",
            check=checks.hook_url,
        ),
    ] = ""
    purge_token: Annotated[
        str,
        Says(
            "What the purge hook is shown as Authorization: Bearer; when empty, nothing.",
            "a-long-random-text",
            check=checks.bearer,
        ),
    ] = ""
    push_contact: Annotated[
        str,
        Says(
            "Whom push services may write to, mailto: or https://. Readers may ask for push"
            " messages of key developments where it is set; when empty, there are none.",
            "mailto:desk@news.example",
            check=checks.contact,
        ),
    ] = ""
    push_key: Annotated[
        str,
        Says(
            "The private key of web push (VAPID), 32 bytes in base64url; when empty, made once"
            " and kept in the data folder. With another key nobody is subscribed any more.",
            "Q5h2Gm0nQd8wZxS3bqO1cVYk7uLrTfEaJpX9sNiB4eM",
            check=checks.push_key,
        ),
    ] = ""
    push_hosts: Annotated[
        tuple[str, ...],
        Says(
            "The push services that may be called; *.a.example is every host below, * is all.",
            "*.push.example",
            check=checks.hosts,
        ),
    ] = (
        "fcm.googleapis.com",
        "updates.push.services.mozilla.com",
        "*.push.apple.com",
        "*.notify.windows.com",
    )
    push_subscriptions: Annotated[
        int, Says("How many subscriptions one blog takes.", "20000", low=1, high=1_000_000)
    ] = 20_000
    site_name: Annotated[
        str, Says("The newsroom's name, on every page and in what search engines read.", "The News")
    ] = ""
    logo: Annotated[
        str,
        Says(
            "The newsroom's logo: an https:// address or a path of this host.",
            "https://news.example/logo.svg",
            check=checks.picture,
        ),
    ] = ""
    share_image: Annotated[
        str,
        Says(
            "The picture beside a shared link where a story has none, at least 1200 px wide.",
            "https://news.example/share.jpg",
            check=checks.picture,
        ),
    ] = ""
    theme_css: Annotated[
        str,
        Says(
            "A style sheet of the newsroom's own, read at the start and loaded after ours.",
            "/etc/liveblog/theme.css",
        ),
    ] = ""
    lang: Annotated[
        str,
        Says(
            "The language of pages that belong to no blog, as BCP 47 names it.",
            "uk",
            check=checks.tag,
        ),
    ] = "en"
    secret_key: Annotated[
        str,
        Says(
            "The secret of this installation, at least 32 characters, for what it signs; when"
            " empty, made once and kept in the data folder. Sessions do not need it.",
            "at-least-32-characters-of-random-text",
            check=checks.secret,
        ),
    ] = ""
    session_hours: Annotated[
        int,
        Says(
            "Hours after which somebody who has signed in and does nothing must sign in again.",
            "12",
            low=1,
            high=720,
        ),
    ] = 12
    undo_seconds: Annotated[
        int,
        Says(
            "Seconds in which people can undo publishing at the desk; nobody sees the entry "
            "before they are over. 0: it is published at once.",
            "10",
            low=0,
            high=60,
        ),
    ] = 5
    oidc_issuer: Annotated[
        str,
        Says(
            "The OpenID Connect provider with which people may sign in, as it names itself; when"
            " empty, they have passwords only. It needs LIVEBLOG_PUBLIC_URL.",
            "https://login.news.example",
            check=checks.issuer,
        ),
    ] = ""
    oidc_client_id: Annotated[str, Says("What the provider calls this server.", "liveblog")] = ""
    oidc_client_secret: Annotated[
        str,
        Says("How this server shows the provider that it is it.", "a-long-random-text"),
    ] = ""
    drain_seconds: Annotated[
        int,
        Says(
            "How long a process that ends lets its readers go, before it cuts them.",
            "10",
            low=1,
            high=600,
        ),
    ] = 10
    heartbeat_seconds: Annotated[
        int, Says("The time between two heartbeats to a reader.", "15", low=1, high=300)
    ] = 15
    stuck_seconds: Annotated[
        int,
        Says("A reader that takes nothing for so long is cut.", "30", low=1, high=3600),
    ] = 30
    max_readers: Annotated[int, Says("How many readers one web process takes.", "20000", low=1)] = (
        20_000
    )
    max_readers_per_address: Annotated[
        int,
        Says(
            "How many of them may come from one address; of IPv6, from one /64 network.",
            "2000",
            low=1,
        ),
    ] = 2000
    write_buffer_bytes: Annotated[
        int,
        Says(
            "How much may wait unsent for one reader before it counts as slow.",
            "65536",
            low=4096,
            high=16 * 1024 * 1024,
        ),
    ] = 64 * 1024
    max_body_bytes: Annotated[
        int, Says("The largest request body that is taken.", "1048576", low=1024)
    ] = 1024 * 1024
    media_url: Annotated[
        str,
        Says(
            "Where media are kept: a bucket of an S3-compatible service; when empty, the data"
            " folder.",
            "s3://bucket/prefix",
            check=checks.bucket,
        ),
    ] = ""
    media_endpoint: Annotated[
        str,
        Says(
            "The address of that service; when empty, Amazon's.",
            "https://s3.example",
            check=checks.public_url,
        ),
    ] = ""
    media_region: Annotated[str, Says("The region of the bucket.", "eu-central-1")] = "us-east-1"
    media_key_id: Annotated[
        str,
        Says(
            "The id of the access key; when empty, the AWS_ variables or the role of the machine.",
            "AKIAEXAMPLE",
        ),
    ] = ""
    media_secret_key: Annotated[
        str, Says("The secret of the access key.", "a-long-random-text")
    ] = ""
    embed_providers: Annotated[
        tuple[str, ...],
        Says(
            "The sites of whose pages cards are made: names of liveblog/embeds/providers.json, * is"
            " all of it, and hosts of Mastodon servers; when empty, none.",
            "*,mastodon.social",
            check=checks.words,
        ),
    ] = ("*",)
    media_max_bytes: Annotated[
        int,
        Says(
            "The largest picture that may be uploaded.",
            "20971520",
            low=1024,
            high=512 * 1024 * 1024,
        ),
    ] = 20 * 1024 * 1024
    media_max_pixels: Annotated[
        int,
        Says(
            "How many pixels it may have, all frames of a moving one together.",
            "50000000",
            low=1,
            high=500_000_000,
        ),
    ] = 50_000_000
    log_level: Annotated[
        str, Says("One of debug, info, warning, error.", "info", check=checks.level)
    ] = "info"

    @classmethod
    def from_env(cls, environ: Mapping[str, str], **overrides: Any) -> "Settings":
        """Read the environment; ``overrides`` (options of a command) win, None is not given.

        :raises ConfigError: with a sentence that names the variable, what is wrong with it and
            an example.
        """
        rows = settings_table()
        _refuse_typos(environ)
        values: dict[str, Any] = {}
        for setting in rows:
            text = environ.get(setting.env, "").strip()
            source = setting.env
            if not text and setting.name == "port":
                text, source = environ.get("PORT", "").strip(), "PORT"
            if text:
                values[setting.name] = setting.read(text, source)
        for name, value in overrides.items():
            if value is not None:
                values[name] = _by_name(name).accept(value)
        settings = cls(**values)
        if settings.purge_url and not settings.public_url:
            raise ConfigError(
                "LIVEBLOG_PURGE_URL needs LIVEBLOG_PUBLIC_URL: a cache is told whole addresses,"
                f" as readers know them, for example {_by_name('public_url').env}="
                f"{_by_name('public_url').example}."
            )
        oidc = (settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret)
        if any(oidc) and not all((*oidc, settings.public_url)):
            raise ConfigError(
                "LIVEBLOG_OIDC_ISSUER, LIVEBLOG_OIDC_CLIENT_ID and LIVEBLOG_OIDC_CLIENT_SECRET"
                " belong together, and need LIVEBLOG_PUBLIC_URL, for example"
                f" {_by_name('public_url').env}={_by_name('public_url').example}."
            )
        if bool(settings.media_key_id) != bool(settings.media_secret_key):
            raise ConfigError(
                "LIVEBLOG_MEDIA_KEY_ID and LIVEBLOG_MEDIA_SECRET_KEY need each other: set both,"
                " or neither to use the AWS_ variables or the role of the machine."
            )
        return settings

    @property
    def destinations(self) -> tuple[str, ...]:
        """Who is told of each change by way of the outbox."""
        told = (("purge", self.purge_url), ("push", self.push_contact))
        return tuple(name for name, wanted in told if wanted)

    @property
    def folder(self) -> Path:
        """The data folder as an absolute path."""
        return self.data_dir.expanduser().resolve()

    @property
    def store_url(self) -> str:
        """The database, SQLite in the data folder included."""
        return self.database_url or f"sqlite:///{self.folder / 'liveblog.db'}"

    @property
    def broker_url(self) -> str:
        """The message server, the embedded one included."""
        return self.redis_url or "unix://" + quote(str(valkey_socket(self.folder)))

    @property
    def links_base(self) -> str:
        """What every address we make begins with; empty without a public URL."""
        return self.public_url.rstrip("/")

    def secret(self) -> str:
        """The secret of this installation.

        :raises ConfigError: it is neither set nor in the data folder.
        """
        return self.secret_key or read_kept(self.folder, "secret_key")

    def vapid_key(self) -> str:
        """The private key of web push.

        :raises ConfigError: it is neither set nor in the data folder.
        """
        return self.push_key or read_kept(self.folder, "push_key")

    def to_env(self) -> dict[str, str]:
        """The same settings as an environment, for a child process."""
        return {row.env: row.write(getattr(self, row.name)) for row in settings_table()}


def prepare_folder(settings: Settings) -> None:
    """Make the data folder (0700) and the secret key in it (0600), where they are missing.

    The key of web push, too, where that is on. Only ``serve``, ``demo`` and ``migrate`` do this;
    all else says where it looked.

    :raises ConfigError: the folder cannot be made or written.
    """
    make_folder(settings.folder)
    if not settings.secret_key:
        make_secret(settings.folder)
    if settings.push_contact and not settings.push_key:
        make_push_key(settings.folder)


@functools.cache
def settings_table() -> tuple[Setting, ...]:
    """Every setting, in the order of :class:`Settings`."""
    return table_of(Settings)


def _by_name(name: str) -> Setting:
    return next(setting for setting in settings_table() if setting.name == name)


def _refuse_typos(environ: Mapping[str, str]) -> None:
    known = {setting.env.removeprefix(PREFIX): setting for setting in settings_table()}
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
