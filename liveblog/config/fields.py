"""Every setting: its name, type and default, and what is said of it."""

from pathlib import Path
from typing import Annotated

from msgspec import Struct

from . import checks
from .table import Says

_DATABASES = ("postgresql", "postgresql+asyncpg", "sqlite")
_BROKERS = ("redis", "rediss", "unix", "redis+sentinel", "redis+cluster")


class Fields(Struct, frozen=True, kw_only=True):
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
    media_day_uploads: Annotated[
        int, Says("How many pictures a person (or token) may upload on one day, of UTC.", "2000")
    ] = 2000
    media_day_bytes: Annotated[
        int,
        Says("How many bytes a person (or token) may upload on one day, of UTC.", "10737418240"),
    ] = 10 * 1024**3
    media_house_bytes: Annotated[
        int,
        Says(
            "How many bytes all media may take together, with what is made of them.",
            "107374182400",
        ),
    ] = 100 * 1024**3
    log_level: Annotated[
        str, Says("One of debug, info, warning, error.", "info", check=checks.level)
    ] = "info"
