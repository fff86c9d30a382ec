"""An entry of every kind and shape, and a server that shows them."""

from typing import Any

from msgspec.structs import replace
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from liveblog.model.entry import Byline, Edit, Embed, Media, Quote, Source, Track
from liveblog.types import EntryId
from liveblog.wire.messages import EntryView
from tests.browser.content import LAW, NOON, entry_view
from tests.browser.stub import Stub

THUMBNAIL = "/static/test/picture-480x360.svg"
FILM = "/static/test/film.webm"
YOUTUBE = "https://www.youtube.com/watch?v=abc_DEF-123"
LONG_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"


def picture(width: int | None, height: int | None, **more: Any) -> Media:
    """A drawing of this size."""
    url = f"/static/test/picture-{width or 900}x{height or 600}.svg"
    return Media(url=url, type="image/svg+xml", width=width, height=height, **more)


def kinds() -> dict[str, EntryView]:
    """The entries, by what is special about them."""
    film = Media(
        url=FILM,
        type="video/webm",
        width=1280,
        height=720,
        caption="The square at noon, filmed from a roof.",
        credit="Film: pool / an agency via Liveblog",
        duration=125.0,
        poster="/static/test/picture-1280x720.svg",
        tracks=(
            Track("/static/test/film.chapters.vtt", "chapters", "en"),
            Track("/static/test/film.en.vtt", "captions", "en"),
            Track("/static/test/film.uk.vtt", "subtitles", "uk"),
            Track("/static/test/film.txt", "transcript", "en"),
        ),
    )
    sound = Media(url="/static/test/sound.ogg", type="audio/ogg", caption="The minister speaks.")
    upright = Media(url=FILM, type="video/webm", width=720, height=1280, caption="From a phone.")
    made = {
        "text": entry_view(
            1,
            LAW,
            headline="Belarusians who live in Russia may vote in local elections there, says a law"
            " that the president signed on Tuesday after a debate of many months in both chambers",
            bylines=(Byline("Olena Example", "in Kyiv", "/people/olena"), Byline("Sam Sample")),
            tags=("Belarus", "Elections"),
            sources=(Source("Text of the law", "https://example.org/law"), Source("Both desks")),
            media=(picture(1200, 675, alt="A hall", caption="The hall.", credit="Drawing: ours"),),
        ),
        "plain": entry_view(2, "A short update that has no headline, as most of them have none."),
        "quote": entry_view(
            3,
            kind="quote",
            key=True,
            headline="Belarus threatens to move its drills",
            quote=Quote(
                "We watch what Poland and Lithuania do, and we may decide again.",
                "Pavel Muraveika",
                "Deputy defence minister of Belarus",
                "Statement, 23 July 2025",
                Source("Ministry of Defence", "https://example.org/ministry"),
            ),
        ),
        "upright": entry_view(4, kind="image", media=(picture(800, 1200, alt="A tower"),)),
        "tall": entry_view(5, kind="image", media=(picture(600, 3000, alt="All of the list"),)),
        "wide": entry_view(6, kind="image", media=(picture(3000, 400, caption="The front."),)),
        "small": entry_view(7, kind="image", media=(picture(160, 120, alt="A stamp"),)),
        "unsized": entry_view(8, kind="image", media=(picture(None, None, alt="A map"),)),
        "film": entry_view(9, "It was filmed at noon.", kind="video", media=(film,)),
        "phone film": entry_view(10, kind="video", media=(upright,)),
        "sound": entry_view(11, "Listen.", media=(sound,)),
        "youtube": entry_view(
            12,
            "From the hall where the delegations meet:",
            kind="embed",
            embed=Embed(
                YOUTUBE, "YouTube", "The hall, live", "A desk", "/static/test/picture-480x360.svg"
            ),
        ),
        "post": entry_view(
            13, kind="embed", embed=Embed("https://x.com/who/status/12345", title="A post")
        ),
        "elsewhere": entry_view(
            14,
            kind="embed",
            embed=Embed(
                f"https://maps.example.org/{'way-' * 30}",
                thumbnail="https://maps.example.org/thumb.png",
            ),
        ),
        "summary": entry_view(
            15,
            "- Delegations of both countries met in Istanbul\n- A law was signed in Moscow\n"
            "- Drones hit a *logistics hub*, as videos show\n\nThe talks go on tomorrow.",
            kind="summary",
            headline="What happened until noon",
        ),
        "corrected": entry_view(
            16,
            "The hub lies in the south-west.",
            breaking=True,
            headline=f"The {LONG_WORD} was hit",
            edit=Edit("correction", NOON.replace(hour=15), "We had written that it lies east."),
        ),
        "updated": entry_view(17, "More is known.", edit=Edit("update", NOON.replace(hour=16))),
        "foreign": entry_view(
            18,
            "قال الرئيس إن المحادثات ستستمر غدًا.",
            headline="المحادثات مستمرة في إسطنبول",
            lang="ar",
            dir="rtl",
            bylines=(Byline("Olena Example"),),
        ),
    }
    return made


class Kinds(Stub):
    """Serves all kinds: as the live page, as articles, and what is in them."""

    def show(self, *entries: EntryView, **changes: Any) -> None:
        """The live page shows these; ``changes`` are the blog's."""
        blog = replace(self.page.snapshot.blog, **changes)
        snapshot = replace(self.page.snapshot, blog=blog, entries=entries, pinned=None, day=None)
        self.page = replace(self.page, snapshot=snapshot, older=None)

    def app(self) -> Starlette:
        """The application."""
        app = super().app()
        app.router.routes[:0] = [
            Route("/static/test/picture-{w:int}x{h:int}.svg", _picture),
            Route("/static/test/{name}.vtt", _captions),
        ]
        return app


async def _picture(request: Request) -> Response:
    w, h = request.path_params["w"], request.path_params["h"]
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" width="{w}" height="{h}">'
        f'<rect width="{w}" height="{h}" fill="#7d93a6"/><circle cx="{w / 2}" cy="{h / 2}" '
        f'r="{min(w, h) / 2}" fill="#d9c7a0"/><path d="M0 0L{w} {h}M{w} 0L0 {h}" '
        'stroke="#33475b" stroke-width="4"/></svg>'
    )
    return Response(svg, media_type="image/svg+xml")


async def _captions(request: Request) -> Response:
    return Response("WEBVTT\n\n00:00.000 --> 01:00.000\nWords\n", media_type="text/vtt")


def of(name: str) -> EntryView:
    """The entry with this special thing."""
    return kinds()[name]


def listed() -> tuple[EntryView, ...]:
    """All of them, newest first."""
    return tuple(reversed(kinds().values()))


def id_of(name: str) -> EntryId:
    """Its id."""
    return of(name).id
