"""The application: the only place that constructs and joins the parts.

``create_app`` gives a Starlette application for any ASGI server. Connections are opened in
its lifespan, so nothing happens at import, and closed there, the newest first.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute, Route, WebSocketRoute

from liveblog.actions import Actions, Times
from liveblog.actions.door import utc_now
from liveblog.actions.embeds import EmbedActions
from liveblog.actions.media import MediaActions, quota_of
from liveblog.actions.push import PushActions
from liveblog.broker.contract import Broker
from liveblog.broker.redis import RedisBroker
from liveblog.config import Settings
from liveblog.embeds import providers_of
from liveblog.errors import Refusal
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
from liveblog.web.below import Below
from liveblog.web.cookies import Cookies
from liveblog.web.desk_live import DeskLive
from liveblog.web.entrance import Entrance
from liveblog.web.front import Front
from liveblog.web.health import Health
from liveblog.web.kept import FromMemory, Kept
from liveblog.web.live import Live
from liveblog.web.media import Files, media_file_routes
from liveblog.web.pages.build import build_name, theme_of
from liveblog.web.pages.embed import embed_routes
from liveblog.web.pages.feeds import feed_routes
from liveblog.web.pages.oembed import oembed_routes
from liveblog.web.pages.policy import Policies
from liveblog.web.pages.render import Pages
from liveblog.web.pages.routes import page_routes
from liveblog.web.pages.sitemap import found_routes
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
            for end in parts.ends():
                stack.push_async_callback(end)
            app.router.routes.extend(parts.routes())
            app.state.hub = parts.hub
            app.state.desks = parts.desks
            app.state.kept = parts.kept
            app.state.drain = parts.drain
            app.state.entrance = parts.entrance
            await broker.start()
            await parts.start()
            yield

    app = Starlette(
        lifespan=lifespan,
        middleware=_middleware(settings),
        exception_handlers={Refusal: on_refusal, HTTPException: on_http, Exception: on_crash},
    )
    # Starlette would make the other address from the Host header.
    app.router.redirect_slashes = False
    return app


def _middleware(settings: Settings) -> list[Middleware]:
    """What every request goes through, the outermost first."""
    return [
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
    ]


class Parts:
    """The parts of one process, joined; nothing runs yet."""

    def __init__(self, settings: Settings, store: Store, broker: Broker) -> None:
        self._settings = settings
        self._theme = theme_of(settings.theme_css)
        self._site = site = _site(settings, themed=bool(self._theme))
        build = build_name(site.name, site.logo, site.image, self._theme, site.push)
        links = Links(settings.links_base)
        self.pages = Pages(links, build, site)
        hub_settings = HubSettings(
            heartbeat=settings.heartbeat_seconds,
            stuck_after=settings.stuck_seconds,
            build=build,
            destinations=settings.destinations,
        )
        self.hub = Hub(store, broker, links, self.pages.fragment, hub_settings)
        self.kept = Kept(self.hub)
        self.relay = Relay(self.hub)
        self.desks = Desks(store, broker, self.hub.readers_of, build)
        self.receipts = Receipts(store, broker)
        actions = Actions(store, broker, links, utc_now, settings.destinations, Times.of(settings))
        self.services = self._services(actions, links, build)
        self.entrance = Entrance(
            self.hub, self.services.counter, settings.allowed_origins, links.prefix
        )
        self._desk = DeskQueries(store, DeskViews(links, settings.undo_seconds))
        self._push = PushActions(store, utc_now, settings.push_subscriptions)
        self._storage = open_storage(settings)
        self.files = Files(self._storage)
        self.front = Front(self.services.queries, self.hub.heads)
        self._join(broker)

    def _services(self, actions: Actions, links: Links, build: str) -> Services:
        """What the endpoints share."""
        settings = self._settings
        return Services(
            queries=Queries(actions.door.store, links),
            actions=actions,
            hub=self.hub,
            auth=Auth(actions.tokens.principal, actions.sessions.principal, settings.public_url),
            links=links,
            build=build,
            max_body=settings.max_body_bytes,
            counter=Counter(Limits(settings.max_readers, settings.max_readers_per_address)),
        )

    def _join(self, broker: Broker) -> None:
        """Who is told by whom."""
        self.hub.on_close = self.kept.forget
        self.hub.told = self.receipts.note
        self.relay.desks = self.desks
        self.services.actions.door.wrote = self._wrote
        broker.set_listener(self.relay)

    def _wrote(self, slug: Slug) -> None:
        self.kept.wrote(slug)
        self.front.wrote()

    def routes(self) -> list[BaseRoute]:
        """Every address there is."""
        services, settings = self.services, self._settings
        shared = (services.hub, services.auth, services.counter, settings.allowed_origins)
        policies = Policies(services.links.base)
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
            *self._story_routes(),
            *worker_routes(),
            *studio_routes(self.pages, policies),
            *push_routes(self._push, settings.push_hosts if settings.push_contact else ()),
            *self._media_routes(),
            *embed_routes(services.queries, self.pages, services.auth, self.kept, policies),
            *card_routes(
                services,
                EmbedActions(services.actions.door, providers_of(settings.embed_providers)),
            ),
            *news_routes(self.front, self.pages.card),
            *found_routes(services.queries, services.links, self._site),
            *oembed_routes(services.queries, services.links, self._site),
            *Health(self.hub, self.relay).routes(),
        ]

    def _story_routes(self) -> list[Route]:
        """What readers open: pages and feeds."""
        services, settings = self.services, self._settings
        return [
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
        ]

    def _media_routes(self) -> list[BaseRoute]:
        """Uploading, and the files."""
        settings, services = self._settings, self.services
        door, pixels = services.actions.door, settings.media_max_pixels
        actions = MediaActions(door, self._storage, Confined(), pixels, quota_of(settings))
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
        door = services.actions.door
        people = PeopleQueries(door.store, door.clock)
        cookies = Cookies(settings.public_url)
        oidc = oidc_of(settings, BACK)
        invitations = services.actions.invitations
        began = services.links.prefix + PATH if oidc else None
        return [
            *SessionApi(services, people, cookies, began).routes(),
            *PeopleApi(services, people).routes(),
            *SingleSignOn(oidc, invitations, cookies, self.pages).routes(),
        ]

    async def start(self) -> None:
        """Begin to listen, and to look; the broker has started."""
        self.relay.start()
        self.receipts.start()
        await self.desks.start()

    def ends(self) -> tuple[Callable[[], Awaitable[None]], ...]:
        """What is to be awaited at the end, the last one first."""
        return (
            self.hub.close,
            self.kept.close,
            self.files.close,
            self.front.close,
            self.relay.stop,
            self.desks.stop,
            self.receipts.stop,
        )

    async def drain(self) -> None:
        """Let every desk and every reader go."""
        self.desks.drain()
        await self.hub.drain(self._settings.drain_seconds)


def _site(settings: Settings, *, themed: bool) -> Site:
    """Whose site it is."""
    return Site(
        name=settings.site_name,
        logo=settings.logo,
        image=settings.share_image,
        lang=settings.lang,
        theme="theme.css" if themed else "",
        push=vapid_of(settings).public if settings.push_contact else "",
    )
