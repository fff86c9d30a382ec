"""Makes the HTML: whole pages, and the fragments that are pushed into them.

There is one template for each subject (``entry.html``, ``tombstone.html``, ``day.html``).
The page and the push both use it, so they cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from babel.lists import format_list
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from liveblog.feeds.content import words_of
from liveblog.feeds.site import Site
from liveblog.model.entry import Byline
from liveblog.queries.story import NEWEST, Start
from liveblog.text import first_sentence, reading_minutes, teaser
from liveblog.web.pages import words
from liveblog.web.pages.history import versions_of
from liveblog.web.pages.languages import Language, language
from liveblog.web.pages.media import teach
from liveblog.web.pages.meta import Describe
from liveblog.web.pages.players import player
from liveblog.wire.links import Links
from liveblog.wire.messages import BlogView, DayView, EntryView, Tombstone

if TYPE_CHECKING:
    from liveblog.queries import (
        DayPage,
        EntryPage,
        FrontItem,
        FrontPage,
        HistoryPage,
        KeyPage,
        LivePage,
        OlderPage,
    )


def _trusted(html: str) -> Markup:
    """An entry's ``html``: the one place where text is taken for HTML.

    ``liveblog.text`` made it, from an allow-list; nothing else may be passed here.
    """
    return Markup(html)


def _environment(links: Links, build: str, said: Language) -> Environment:
    """The templates in one language: everything is escaped, and a misspelt name is an error."""
    environment = Environment(
        loader=PackageLoader("liveblog.web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(said.translations, newstyle=True)  # type: ignore[attr-defined]
    plain = [words.clock, words.day, words.duration, words.headline, words.host, words.href]
    plain += [words.machine, words.month_day, words.order_key, words.status]
    plain += [words.zone_label]
    environment.filters.update({filter_.__name__: filter_ for filter_ in plain})
    environment.filters.update(minutes=reading_minutes, trusted=_trusted, **_spoken(said))
    environment.filters.update(player=player, name=name_of, teaser=teaser)
    teach(environment, links)
    environment.tests["tombstone_view"] = lambda view: isinstance(view, Tombstone)
    environment.globals.update(
        links=links,
        home=f"{links.prefix}/",
        static=lambda name: f"{links.prefix}/static/{build}/{name}",
        noindex=False,
        canonical="",
        lang=said.tag,
        dir=said.dir,
        words_for_script=Markup(said.for_script().replace("<", "\\u003c")),
    )
    return environment


def _spoken(said: Language) -> dict[str, Callable[..., str]]:
    """The filters that depend on the language."""

    def taken(when: str) -> str:
        """A date in words, anything else as it was written."""
        try:
            return said.long_date(date.fromisoformat(when[:10]))
        except ValueError:
            return when

    def names(bylines: Iterable[Byline]) -> Markup:
        link = Markup('<bdi><a href="{}" rel="author">{}</a>{}</bdi>')
        plain = Markup("<bdi>{1}{2}</bdi>")
        parts = []
        for one in bylines:
            address, role = words.href(one.url), f", {one.role}" if one.role else ""
            parts.append((link if address else plain).format(address, one.name, role))
        # What CLDR puts between names has no markup, and the names are escaped.
        return Markup(format_list(parts, locale=said.locale))

    return {
        "city": said.city,
        "date_of": lambda when: said.long_date(date.fromisoformat(str(when))),
        "month_day_of": lambda when: said.month_day(date.fromisoformat(str(when))),
        "names": names,
        "taken": taken,
    }


_MODULES = [
    f"{name}.js"
    for name in (
        "announce", "connection", "days", "feed", "keys", "lead", "options", "session",
        "state", "strip", "times", "trusted", "unread",
    )
]  # fmt: skip
"""What the live page's script imports: named in the page, all of it is fetched at once."""


class Templates(NamedTuple):
    """The templates in one language, and the macros that fragments are made with."""

    environment: Environment
    entry: Callable[..., str]
    tombstone: Callable[..., str]
    day: Callable[..., str]
    card: Callable[..., str]


class Pages:
    """Everything a reader's browser gets, as complete documents or as fragments."""

    def __init__(self, links: Links, build: str, site: Site | None = None) -> None:
        self.links = links
        self.build = build
        self._site = site or Site()
        self._describe = Describe(links, self._site)
        # A language is compiled when it is first spoken; few are.
        self._in = lru_cache(maxsize=16)(self._compile)

    def _compile(self, lang: str) -> Templates:
        environment = _environment(self.links, self.build, language(lang))
        environment.globals["site"] = self._site

        def macro(name: str) -> Callable[..., str]:
            made: Callable[..., str]
            made = getattr(environment.get_template(f"{name}.html").module, name)
            return made

        names = ("entry", "tombstone", "day", "card")
        return Templates(environment, *map(macro, names))

    def fragment(self, view: EntryView | Tombstone | DayView, blog: BlogView) -> str:
        """One subject for the live page: the same HTML as inside the whole page."""
        said = self._in(blog.lang)
        if isinstance(view, EntryView):
            return said.entry(view, blog).strip()
        if isinstance(view, Tombstone):
            return said.tombstone(view, blog).strip()
        return said.day(view, blog).strip()

    def live(self, page: LivePage, oldest: bool = False) -> str:
        """The live page, complete without a script; the newest entry first, or the oldest."""
        return self._live(page, "live.html", oldest)

    def _live(self, page: LivePage, template: str, oldest: bool = False) -> str:
        shown = page.snapshot
        here = _ids(shown.entries)
        pinned_link = ""
        updated = _last_update(shown.blog, shown.entries)
        if shown.pinned:
            at_home = shown.pinned.id in here
            pinned_link = f"#entry-{shown.pinned.id}" if at_home else shown.pinned.url
        return self._page(
            template,
            shown.blog,
            shown.blog.url,
            page=page,
            oldest=oldest,
            here=here,
            pinned_link=pinned_link,
            updated=updated,
            api=f"{self.links.prefix}/api/v1/blogs/{shown.blog.slug}",
            described=self._describe.live(page, updated),
            modules=_MODULES,
        )

    def embed(self, page: LivePage) -> str:
        """The live page for a frame on another site."""
        return self._live(page, "embed.html")

    def latest(self, page: LivePage) -> str:
        """The latest updates for a small frame: three are seen, more are at hand."""
        blog = page.snapshot.blog
        entries = [e for e in page.snapshot.entries if isinstance(e, EntryView)]
        api = f"{self.links.prefix}/api/v1/blogs/{blog.slug}"
        return self._page("latest.html", blog, blog.url, page=page, entries=entries[:10], api=api)

    def older(self, page: OlderPage, oldest: bool = False) -> str:
        """An older page, counted from the oldest."""
        canonical = self.links.page(page.blog.slug, page.number)
        times = [e.published_at for e in page.entries if isinstance(e, EntryView)]
        return self._page(
            "older.html",
            page.blog,
            canonical,
            page=page,
            oldest=oldest,
            times=sorted(at for at in times if at),
            described=self._describe.older(page),
        )

    def key(self, page: KeyPage, start: Start = NEWEST) -> str:
        """The key developments of the whole blog."""
        canonical = self.links.keys(page.blog.slug)
        return self._page(
            "keys.html",
            page.blog,
            canonical,
            page=page,
            start=start,
            described=self._describe.key(page, canonical),
        )

    def day(self, page: DayPage, start: Start = NEWEST) -> str:
        """A day: its roll-up and its entries."""
        canonical = f"{self.links.base}/blogs/{page.blog.slug}/days/{page.day.date}"
        return self._page(
            "daypage.html",
            page.blog,
            canonical,
            page=page,
            start=start,
            here=_ids(page.entries),
            described=self._describe.day(page, canonical),
        )

    def entry(self, page: EntryPage) -> str:
        """An entry as an article of its own."""
        entry = page.entry
        name = name_of(entry) if isinstance(entry, EntryView) else ""
        return self._single(page, name or language(page.blog.lang).gettext("An update"))

    def history(self, page: HistoryPage) -> str:
        """The public versions of an entry, the newest first, each beside the one before."""
        blog, entry = page.article.blog, page.article.entry
        assert isinstance(entry, EntryView), "a retracted entry has no history"
        return self._page(
            "history.html",
            blog,
            f"{entry.url}/history",
            noindex=True,
            name=name_of(entry) or language(blog.lang).gettext("An update"),
            entry=entry,
            versions=versions_of(page.revisions),
            all=len(page.revisions),
        )

    def gone(self, page: EntryPage) -> str:
        """What is said where a retracted entry was (410)."""
        return self._single(page, language(page.blog.lang).gettext("This update was removed"))

    def home(self, page: FrontPage, first: bool = True) -> str:
        """The news feed, from its beginning or from further down."""
        template = self._in(self._site.lang).environment.get_template("home.html")
        described = self._describe.home()
        return template.render(
            page=page, first=first, canonical=self.links.home, described=described
        )

    def card(self, item: FrontItem) -> str:
        """A card of the news feed: the same HTML as in the page."""
        return str(self._in(self._site.lang).card(item)).strip()

    def studio(self) -> str:
        """The page of the desk: no data, and the script that asks for it. The desk speaks
        English."""
        return self._in("en").environment.get_template("studio.html").render()

    def error(self, status: int, title: str, detail: str) -> str:
        """What went wrong, in words."""
        template = self._in(self._site.lang).environment.get_template("error.html")
        return template.render(status=status, title=title, detail=detail, noindex=True)

    def _single(self, page: EntryPage, name: str) -> str:
        canonical = self.links.entry(page.blog.slug, page.entry.id)
        shown = isinstance(page.entry, EntryView)
        described = self._describe.entry(page, name) if shown else None
        return self._page(
            "single.html", page.blog, canonical, page=page, name=name, described=described
        )

    def _page(self, template: str, blog: BlogView, canonical: str, **context: Any) -> str:
        return (
            self._in(blog.lang)
            .environment.get_template(template)
            .render(
                blog=blog,
                lang=blog.lang,
                dir=blog.dir,
                canonical=canonical,
                **{"noindex": blog.demo or blog.visibility != "public", **context},
            )
        )


def name_of(entry: EntryView) -> str:
    """What an entry is called: its headline, else how it begins; it may be empty."""
    return entry.headline or first_sentence(words_of(entry), 100)


def _ids(entries: Iterable[EntryView | Tombstone]) -> frozenset[str]:
    return frozenset(entry.id for entry in entries)


def _last_update(blog: BlogView, entries: Iterable[EntryView | Tombstone]) -> datetime:
    """When what the page shows changed last.

    It follows from the content alone: the same cursor gives the same bytes, so the ETag is
    right, and it does not claim to be newer than it is.
    """
    moments = [blog.updated_at]
    for entry in entries:
        if isinstance(entry, Tombstone):
            moments.append(entry.retracted_at or blog.updated_at)
        else:
            moments += [m for m in (entry.published_at, entry.updated_at) if m]
    return max(moments)
