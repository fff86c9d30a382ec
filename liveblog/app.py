"""The application: the only place that constructs and joins the parts.

``create_app`` gives a Starlette application for any ASGI server. Connections are opened in
its lifespan, so nothing happens at import, and closed there, the newest first.
"""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.resources import files
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from liveblog import __version__
from liveblog.actions import Actions, Times
from liveblog.actions.door import utc_now
from liveblog.actions.embeds import EmbedActions
from liveblog.actions.media import MediaActions
from liveblog.actions.push import PushActions
from liveblog.broker.contract import Broker
from liveblog.broker.redis import RedisBroker
from liveblog.config import Settings
from liveblog.embeds import providers_of
from liveblog.errors import ConfigError, Refusal
from liveblog.fanout.desks import Desks
from liveblog.fanout.hub import Hub, HubSettings
from liveblog.fanout.receipts import Receipts
from liveblog.fanout.relay import Relay
from liveblog.feeds.site import Site
from liveblog.media import Confined, open_storage
from liveblog.oidc import oidc_of
from liveblog.push import vapid_of
from liveblog.queries import Queries
from liveblog.queries.desk import DeskQueries
from liveblog.queries.media import MediaQueries
from liveblog.queries.people import PeopleQueries
from liveblog.store import open_store
from liveblog.store.contract import Store
from liveblog.types import Slug
from liveblog.web.admission import EXPOSED, Counter, Limits
from liveblog.web.api.blogs import blog_routes
from liveblog.web.api.changes import change_routes
from liveblog.web.api.common import Services
from liveblog.web.api.desk import desk_routes
from liveblog.web.api.embeds import card_routes
from liveblog.web.api.entries import entry_routes
from liveblog.web.api.feed import news_routes
from liveblog.web.api.media import media_routes
from liveblog.web.api.people import PeopleApi
from liveblog.web.api.push import push_routes
from liveblog.web.api.session import SessionApi
from liveblog.web.auth import Auth
from liveblog.web.cookies import Cookies
from liveblog.web.desk_live import DeskLive
from liveblog.web.entrance import Entrance
from liveblog.web.front import Front
from liveblog.web.health import Health
from liveblog.web.kept import FromMemory, Kept
from liveblog.web.live import Live
from liveblog.web.media import Files, media_file_routes
from liveblog.web.pages.embed import embed_routes
from liveblog.web.pages.feeds import feed_routes
from liveblog.web.pages.oembed import oembed_routes
from liveblog.web.pages.policy import Policies
from liveblog.web.pages.render import Pages
from liveblog.web.pages.routes import page_routes
from liveblog.web.pages.sitemap import found_routes
from liveblog.web.pages.static import files_in
from liveblog.web.pages.studio import studio_routes
from liveblog.web.pages.worker import worker_routes
from liveblog.web.private import Private
from liveblog.web.problems import on_crash, on_http, on_refusal
from liveblog.web.single import BACK, PATH, SingleSignOn
from liveblog.web.stream import Stream
from liveblog.wire.desk import DeskViews
from liveblog.wire.links import Links

READING_HEADERS = ("Authorization", "If-None-Match", "Last-Event-ID")
"""What a page of another origin may send with its GET; writing from there is not offered."""


Connect = Callable[[Settings], Awaitable[tuple[Store, Broker]]]


async def connect_both(settings: Settings) -> tuple[Store, Broker]:
    """The store, open, and the broker, not started, that the settings name."""
    store = await open_store(settings.store_url)
    return store, RedisBroker(settings.broker_url, prefix=settings.redis_prefix)


def create_app(settings: Settings, connect: Connect = connect_both) -> Starlette:
    """The whole web application.

    While it runs, ``app.state.hub`` is its hub, ``app.state.entrance`` the fast way in for
    readers under our own server, and ``await app.state.drain()`` lets its readers go.

    :param connect: gives store and broker; tests hand in some whose timing they decide.
    """

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            store, broker = await connect(settings)
            stack.push_async_callback(store.close)
            stack.push_async_callback(broker.stop)
            parts = Parts(settings, store, broker)
            stack.push_async_callback(parts.hub.close)
            stack.push_async_callback(parts.kept.close)
            stack.push_async_callback(parts.files.close)
            stack.push_async_callback(parts.front.close)
            stack.push_async_callback(parts.relay.stop)
            stack.push_async_callback(parts.desks.stop)
            stack.push_async_callback(parts.receipts.stop)
            app.router.routes.extend(parts.routes())
            app.state.hub = parts.hub
            app.state.desks = parts.desks
            app.state.kept = parts.kept
            app.state.drain = parts.drain
            app.state.entrance = parts.entrance
            await broker.start()
            parts.relay.start()
            parts.receipts.start()
            await parts.desks.start()
            yield

    app = Starlette(
        lifespan=lifespan,
        middleware=[
            Middleware(Below, prefix=Links(settings.links_base).prefix),
            Middleware(FromMemory),
            Middleware(Private),
            Middleware(
                CORSMiddleware,
                allow_origins=settings.allowed_origins,
                allow_methods=("GET", "HEAD"),
                allow_headers=READING_HEADERS,
                expose_headers=EXPOSED,
            ),
        ],
        exception_handlers={Refusal: on_refusal, HTTPException: on_http, Exception: on_crash},
    )
    # Starlette would make the other address from the Host header.
    app.router.redirect_slashes = False
    return app


class Parts:
    """The parts of one process, joined; nothing runs yet."""

    def __init__(self, settings: Settings, store: Store, broker: Broker) -> None:
        self._settings = settings
        theme = theme_of(settings.theme_css)
        push = vapid_of(settings).public if settings.push_contact else ""
        build = build_name(settings.site_name, settings.logo, settings.share_image, theme, push)
        links = Links(settings.links_base)
        site = Site(
            name=settings.site_name,
            logo=settings.logo,
            image=settings.share_image,
            lang=settings.lang,
            theme="theme.css" if theme else "",
            push=push,
        )
        self._theme = theme
        self._site = site
        self.pages = Pages(links, build, site)
        hub_settings = HubSettings(
            heartbeat=settings.heartbeat_seconds,
            stuck_after=settings.stuck_seconds,
            build=build,
            destinations=settings.destinations,
        )
        self.hub = Hub(store, broker, links, self.pages.fragment, hub_settings)
        self.kept = Kept(self.hub)
        self.hub.on_close = self.kept.forget
        self.relay = Relay(self.hub)
        self.desks = Desks(store, broker, self.hub.readers_of, build)
        self.relay.desks = self.desks
        self.receipts = Receipts(store, broker)
        self.hub.told = self.receipts.note
        broker.set_listener(self.relay)
        actions = Actions(store, broker, links, utc_now, settings.destinations, Times.of(settings))
        actions.door.wrote = self._wrote
        self.services = Services(
            queries=Queries(store, links),
            actions=actions,
            hub=self.hub,
            auth=Auth(actions.tokens.principal, actions.sessions.principal, settings.public_url),
            links=links,
            build=build,
            max_body=settings.max_body_bytes,
            counter=Counter(Limits(settings.max_readers, settings.max_readers_per_address)),
        )
        self.entrance = Entrance(
            self.hub, self.services.counter, settings.allowed_origins, links.prefix
        )

        self._desk = DeskQueries(store, DeskViews(links, settings.undo_seconds))
        self._push = PushActions(store, utc_now, settings.push_subscriptions)
        self._storage = open_storage(settings)
        self.files = Files(self._storage)
        self.front = Front(self.services.queries, self.hub.heads)

    def _wrote(self, slug: Slug) -> None:
        self.kept.wrote(slug)
        self.front.wrote()

    def routes(self) -> list[BaseRoute]:
        """Every address there is."""
        services, settings = self.services, self._settings
        shared = (services.hub, services.auth, services.counter, settings.allowed_origins)
        base = "/api/v1/blogs/{slug}"
        return [
            WebSocketRoute(base + "/live", Live(*shared)),
            WebSocketRoute(base + "/desk/live", DeskLive(self.desks, services.auth)),
            Route(base + "/stream", Stream(*shared), methods=["GET"]),
            *change_routes(services, self.pages.fragment, self.kept),
            *entry_routes(services),
            *desk_routes(services, self._desk, self.pages.fragment),
            *blog_routes(services),
            *self._people_routes(),
            *page_routes(
                services.queries,
                self.pages,
                services.auth,
                self.kept,
                self.front,
                purged="purge" in settings.destinations,
                theme=self._theme,
            ),
            *feed_routes(
                services.queries, services.links, services.build, services.auth, self.kept
            ),
            *worker_routes(),
            *studio_routes(self.pages, Policies(services.links.base)),
            *push_routes(self._push, settings.push_hosts if settings.push_contact else ()),
            *self._media_routes(),
            *embed_routes(
                services.queries,
                self.pages,
                services.auth,
                self.kept,
                Policies(services.links.base),
            ),
            *card_routes(
                services,
                EmbedActions(services.actions.door, providers_of(settings.embed_providers)),
            ),
            *news_routes(self.front, self.pages.card),
            *found_routes(services.queries, services.links, self._site),
            *oembed_routes(services.queries, services.links, self._site),
            *Health(self.hub, self.relay).routes(),
        ]

    def _media_routes(self) -> list[BaseRoute]:
        """Uploading, and the files."""
        settings, services = self._settings, self.services
        door, pixels = services.actions.door, settings.media_max_pixels
        actions = MediaActions(door, self._storage, Confined(), pixels)
        queries = MediaQueries(door.store, services.links)
        most = settings.media_max_bytes
        purged = "purge" in settings.destinations
        return [
            *media_routes(actions, queries, services.auth, services.links, most=most),
            *media_file_routes(queries, self.files, services.auth, purged=purged),
        ]

    def _people_routes(self) -> list[Route]:
        """Who works here, and how they come in."""
        services, settings = self.services, self._settings
        people = PeopleQueries(services.actions.door.store)
        cookies = Cookies(settings.public_url)
        oidc = oidc_of(settings, BACK)
        invitations = services.actions.invitations
        began = services.links.prefix + PATH if oidc else None
        return [
            *SessionApi(services, people, cookies, began).routes(),
            *PeopleApi(services, people).routes(),
            *SingleSignOn(oidc, invitations, cookies, self.pages).routes(),
        ]

    async def drain(self) -> None:
        """Let every desk and every reader go."""
        self.desks.drain()
        await self.hub.drain(self._settings.drain_seconds)


class Below:
    """Takes the path prefix of the public address off, for proxies that leave it on."""

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        self._app = app
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, its path without the prefix."""
        path: str = scope.get("path", "")
        if self._prefix and path.startswith(self._prefix + "/"):
            scope = dict(scope) | {"path": path.removeprefix(self._prefix)}
        await self._app(scope, receive, send)


def theme_of(path: str) -> bytes:
    """The newsroom's style sheet; empty when there is none.

    :raises ConfigError: it cannot be read.
    """
    try:
        return Path(path).read_bytes() if path else b""
    except OSError as error:
        told = f"LIVEBLOG_THEME_CSS is {path!r}, which cannot be read ({error.strerror})."
        raise ConfigError(told) from None


def build_name(*own: str | bytes) -> str:
    """Names what this process sends to browsers: version and a hash of templates, scripts,
    catalogues and what the newsroom has of its own."""
    digest = hashlib.sha256()
    for part in own:
        digest.update(part.encode() if isinstance(part, str) else part)
        digest.update(b"\0")
    for folder in ("static", "templates", "locales"):
        for name, item in files_in(files("liveblog.web") / folder):
            digest.update(name.encode() + b"\0" + item.read_bytes())
    return f"{__version__}-{digest.hexdigest()[:8]}"
