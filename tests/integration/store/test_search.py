"""Search at the desk, on both engines: by parts of words in any script, in the transaction of
the entry, from an index, and nothing that the asker may not see."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, cast

import pytest
from alembic import command
from msgspec.structs import asdict, replace
from sqlalchemy import ClauseElement, Connection, Executable, Select, text
from sqlalchemy.ext.compiler import compiles

from liveblog.actions import OPERATOR, Ask
from liveblog.errors import Conflict
from liveblog.model.desk import Wanted
from liveblog.model.entry import Entry, Media, Quote, searched_words
from liveblog.store import migrate, statements
from liveblog.store.contract import Store, Tx
from liveblog.store.desk import hits
from liveblog.store.search import INSERT_WORDS
from liveblog.store.tx import SqlTx
from liveblog.store.upgrade import _config
from liveblog.text.search import grams, searched, terms
from liveblog.types import EntryId, Seq, Slug
from liveblog.wire.requests import NewBlog, NewEntry
from tests.integration.store.newsroom import EDITOR, PERSON, SLUG, WRITER, Newsroom
from tests.integration.store.test_migrations import _on

UKRAINIAN = "Прем’єр-міністр оголосив про з'їзд у Києві: п’ять партій"
ARABIC = "أعلنت الحكومةُ إجراءاتٍ جديدة في المدرسة"
HEBREW = "ראש הממשלה: צה״ל יוצא מירושלים"
ENGLISH = 'The minister said: "We won\'t resign", a U.S.-led café naïveté at 5 p.m.'


@pytest.fixture
async def room(store: Store) -> Newsroom:
    """A public blog without entries."""
    return await Newsroom.open(store)


@pytest.mark.parametrize(
    ("body", "queries"),
    [
        (UKRAINIAN, "міністр прем'єр премʼєр ПРЕМ’ЄР оголос києві їзд з'їзд пять п'ят пар"),
        (ARABIC, "اعلنت أعلنت حكومة الحكومه الحكومةُ اجراءات مدرسه درس جديدة"),
        (HEBREW, 'ממשלה צה"ל צה״ל צהל ירושלים רושלי יוצא שַׁ'),
        (ENGLISH, "min MINISTER inist won't wont U.S. us-led cafe café naivete 5 p.m ,resign!"),
    ],
)
async def test_it_is_found_by_any_part_of_a_word(room: Newsroom, body: str, queries: str) -> None:
    for other in (UKRAINIAN, ARABIC, HEBREW, ENGLISH):
        await room.make(other)
    for query in queries.split():
        expected = [] if query in ("us-led", "שַׁ") else [body]
        assert await room.found(query) == expected, query


async def test_words_are_all_needed_and_a_phrase_in_its_order(room: Newsroom) -> None:
    await room.make("the climate changes")
    await room.make("change the climate")
    assert await room.found("climate chang") == ["change the climate", "the climate changes"]
    assert await room.found("climate war") == []
    assert await room.found('"the climate"') == ["change the climate", "the climate changes"]
    assert await room.found('"change the"') == ["change the climate"]
    assert await room.found("“climate change”") == []
    assert await room.found('"climate chang') == ["the climate changes"]


async def test_short_words_are_found_where_words_begin(room: Newsroom) -> None:
    await room.make("The EU and 7 states")
    await room.make("Neutral: 17 states")
    assert await room.found("eu") == ["The EU and 7 states"]
    assert await room.found("7") == ["The EU and 7 states"]
    assert await room.found("st") == ["Neutral: 17 states", "The EU and 7 states"]
    assert await room.found("t") == []


async def test_nothing_asked_is_everything(room: Newsroom) -> None:
    await room.make("one")
    for query in ("", "  ", '"', "?!", "%", "_", "\\"):
        assert await room.found(query) == ["one"]


@pytest.mark.parametrize(
    "query", ["100%", "a_b", "x\\y", "' OR 1=1 --", '"a" OR "b"', "NEAR(", "*"]
)
async def test_what_means_something_to_a_database_means_nothing(room: Newsroom, query: str) -> None:
    await room.make("nothing of the kind")
    asked = await room.found(query)
    assert asked == (["nothing of the kind"] if query == "*" else [])


async def test_all_that_an_entry_says_is_found(room: Newsroom) -> None:
    picture = Media("https://x.example/a.jpg", "image/jpeg", caption="A harbour", credit="Reuters")
    quote = Quote("We stay", "Ada Lovelace", role="Countess")
    fields: dict[str, Any] = {"headline": "Headline", "media": (picture,), "quote": quote}
    await room.make("**Bold** words", tags=("grain deal",), **fields)
    for query in ("headline", "bold words", "harbour", "reuters", "we stay", "lovelace", "grain"):
        assert await room.found(query) == ["**Bold** words"], query
    assert await room.found('"headline we"') == [], "no phrase reaches across"
    assert await room.found("x.example") == []


async def test_it_is_found_as_it_is_now(room: Newsroom) -> None:
    made = await room.make("The first words", state="draft")
    made = await room.change(made, body="Other words")
    assert await room.found("first") == []
    assert await room.found("other") == ["Other words"]
    made = await room.change(made, state="published", tags=("peace",))
    assert await room.found("peace") == ["Other words"]
    made = await room.change(made, headline="At last")
    assert await room.found("at last") == ["Other words"]
    with pytest.raises(Conflict):
        await room.change(made, state="draft", body="Never written")
    assert await room.found("never") == []


async def test_what_is_retracted_is_found_by_editors_at_the_desk(room: Newsroom) -> None:
    made = await room.make("Withdrawn words")
    await room.retract(made)
    assert await room.found("withdrawn") == ["Withdrawn words"]
    assert await room.found("withdrawn", states=("published",)) == []
    assert await room.found("withdrawn", WRITER) == []
    assert await room.shown() == ["†"]


async def test_nobody_finds_what_they_may_not_see(room: Newsroom) -> None:
    await room.make("secret of an editor", state="draft")
    await room.make("secret of a contributor", WRITER, state="draft")
    await room.make("secret of a person", PERSON)
    assert await room.found("secret", WRITER) == ["secret of a contributor"]
    assert await room.found("secret", WRITER, author="editor") == []
    await room.actions.create_blog(NewBlog(slug="other", title="Other"))
    elsewhere = NewEntry(body="secret of another blog")
    await room.actions.entries.create(Slug("other"), elsewhere, Ask(OPERATOR))
    assert len(await room.found("secret")) == 3
    assert await room.found("secret", kind="quote") == []
    assert await room.found("secret", states=("scheduled",)) == ["secret of a person"]


async def test_what_is_found_is_paged_like_the_rest(room: Newsroom) -> None:
    for number in range(8):
        state = "draft" if number % 3 else "published"
        await room.make(f"found {number}", state=state)
        await room.make(f"not {number}", state=state)
    assert await room.found("found") == [f"found {number}" for number in range(7, -1, -1)]


async def test_the_index_and_the_entry_stand_or_fall_together(room: Newsroom) -> None:
    made = await room.make("Standing words", state="draft")

    def work(tx: Tx) -> None:
        tx.index_words(replace(made, text="Fallen words"), new=False)
        raise ValueError

    with pytest.raises(ValueError, match=r"^$"):
        await room.store.write(work)
    assert await room.found("fallen") == []
    assert await room.found("standing") == ["Standing words"]


async def test_what_was_written_before_there_was_a_search_is_found(
    ready: str, room: Newsroom
) -> None:
    picture = Media("https://x.example/a.jpg", "image/jpeg", caption="A harbour")
    quote = Quote("We stay", "Ada Lovelace")
    fields: dict[str, Any] = {"headline": "Київ", "media": (picture,), "quote": quote}
    await room.make("Old words", tags=("grain",), **fields)
    await room.make("Older words", state="draft")

    def back(connection: Connection) -> None:
        config = _config()
        config.attributes["connection"] = connection
        command.downgrade(config, "0009")

    on_thread(_on, ready, back)
    assert "0010" in migrate(ready)
    for query in ("old words", "київ", "harbour", "lovelace", "grain"):
        assert "Old words" in await room.found(query), query
    assert await room.found("older") == ["Older words"]
    await room.make("New words")
    assert len(await room.found("words")) == 3


def on_thread(work: Callable[..., Any], *arguments: Any) -> None:
    """Run what has an event loop of its own, to its end."""
    thread = threading.Thread(target=work, args=arguments)
    thread.start()
    thread.join()


# An index answers -------------------------------------------------------------------------

MANY = 10_000


class Explain(Executable, ClauseElement):
    """How the database would answer a statement."""

    inherit_cache = False

    def __init__(self, statement: Select[Any]) -> None:
        self.statement = statement


@compiles(Explain)
def _explain(element: Explain, compiler: Any, **more: Any) -> str:
    word = "EXPLAIN QUERY PLAN" if compiler.dialect.name == "sqlite" else "EXPLAIN"
    return f"{word} {compiler.process(element.statement, **more)}"


def many(model: Entry) -> Iterator[Entry]:
    """Ten thousand entries; one in a thousand speaks of Zanzibar."""
    assert model.published_at is not None
    for number in range(MANY):
        rare = " Занзібар" if number % 1000 == 0 else ""
        body = f"Engineers found a crack in pier {number:05} on Tuesday{rare}"
        yield replace(
            model,
            id=EntryId(f"{number:026}"),
            text=body,
            body=body,
            seq=Seq(number + 10),
            ordinal=number + 10,
            published_at=model.published_at + timedelta(seconds=number),
        )


def fill(tx: Tx, model: Entry) -> None:
    """Put them in, all with one statement: one by one they take a minute."""
    connection = cast(SqlTx, tx)._connection
    entries = list(many(model))
    connection.execute(statements.INSERT_ENTRY, [asdict(entry) for entry in entries])
    rows: list[dict[str, Any]] = []
    for entry in entries:
        words = searched(searched_words(entry))
        found = [*grams(words), f"blog:{model.blog_id}"]
        postgres = connection.dialect.name == "postgresql"
        rows.append({"entry_id": entry.id, "text": words, "grams": found if postgres else None})
    connection.execute(INSERT_WORDS, rows)


async def test_ten_thousand_entries_are_searched_by_the_index(room: Newsroom) -> None:
    model = await room.make("a model")
    await room.store.write(lambda tx: fill(tx, model))
    # As PostgreSQL does by itself a moment after so many rows came.
    await room.store.write(lambda tx: cast(SqlTx, tx)._connection.execute(text("ANALYZE")))

    def plan(tx: Tx) -> str:
        connection = cast(SqlTx, tx)._connection
        wanted = Wanted(terms=tuple(terms("занзібар")))
        statement = hits(connection.dialect.name, model.blog_id, wanted, below=False)
        values = {"blog": model.blog_id, "limit": 20}
        return "\n".join(str(row) for row in connection.execute(Explain(statement), values))

    told = await room.store.read(plan)
    assert ("ix_search_grams" if "cost=" in told else "search_fts VIRTUAL TABLE INDEX") in told
    assert "SCAN entries" not in told
    assert "Seq Scan on" not in told
    found = await room.found("занзіб")
    assert [body.split()[6] for body in found] == [f"{n}000".zfill(5) for n in range(9, -1, -1)]
    everywhere = Wanted(terms=("engin", "tuesday"))
    page = await room.desk.entries(SLUG, EDITOR, everywhere, None, 20)
    assert [entry.body.split()[6] for entry in page.entries[:2]] == ["09999", "09998"]
    assert await room.found('"pier 04711"') == ["Engineers found a crack in pier 04711 on Tuesday"]
