"""The documents say what the code does: what has a name in code has it in docs, and back."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast, get_args

import msgspec
import pytest
from starlette.routing import BaseRoute, Route, WebSocketRoute

from liveblog import errors
from liveblog.app import Parts
from liveblog.broker.contract import Broker
from liveblog.config import Settings
from liveblog.errors import Refusal
from liveblog.model.permissions import SCOPES
from liveblog.queries import RevisionView
from liveblog.store.contract import Store
from liveblog.web.admission import SUBPROTOCOLS
from liveblog.wire import messages as m
from liveblog.wire.codec import Message
from liveblog.wire.desk_live import DeskMessage
from liveblog.wire.media import MediumView, ProposedView
from liveblog.wire.session import ResetReason

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PROTOCOL = (DOCS / "protocol.md").read_text()
GLOSSARY = (DOCS / "glossary.md").read_text()
CODE = [*(ROOT / "liveblog").rglob("*.py"), *(ROOT / "workers").rglob("*.py")]
PAPERS = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md")])


def section(title: str, text: str = PROTOCOL) -> str:
    """What stands under a heading, up to the next one of its level or above."""
    found = re.search(rf"^(#+) {re.escape(title)}\n", text, re.MULTILINE)
    assert found is not None, f"docs/protocol.md has no section {title!r}"
    level = len(found[1])
    end = re.search(rf"^#{{1,{level}}} ", text[found.end() :], re.MULTILINE)
    return text[found.end() :][: end.start() if end else None]


def named(text: str) -> set[str]:
    """The names in backticks; of ``{a, b}`` each."""
    return {word for span in re.findall(r"`([^`]+)`", text) for word in re.findall(r"\w+", span)}


def spans(text: str) -> set[str]:
    """What stands in backticks, whole."""
    return set(re.findall(r"`([^`]+)`", text))


def rows(text: str) -> list[list[str]]:
    """The rows of the tables of a text."""
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("|") and not line.startswith("| ---")
    ]


# Problems --------------------------------------------------------------------------------


def refusals() -> Iterator[type[Refusal]]:
    """Every refusal of the tree."""
    for kind in vars(errors).values():
        if isinstance(kind, type) and issubclass(kind, Refusal):
            yield kind


def test_every_problem_is_told_with_its_status() -> None:
    told = {row[0].strip("`"): row[1] for row in rows(section("Problems"))[1:]}
    raised = {kind.name: str(kind.status) for kind in refusals()}
    assert told == raised | {"method-not-allowed": "405", "internal": "500"}


# Close codes -----------------------------------------------------------------------------


def close_codes(source: str) -> set[int]:
    """The whole numbers of a program that can only be close codes."""
    return {
        node.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant)
        and type(node.value) is int
        and (1001 <= node.value <= 1015 or 4001 <= node.value <= 4029 or 4500 <= node.value <= 4598)
    }


def test_close_codes_are_found() -> None:
    assert close_codes("topic.end(reader, b'', 4500, 'x'); limit = 4096; codes = {401: 4029}") == {
        4500,
        4029,
    }


def test_every_close_code_is_told() -> None:
    used: set[int] = set()
    for room in ("web", "fanout", "server", "client"):
        for path in (ROOT / "liveblog" / room).rglob("*.py"):
            used |= close_codes(path.read_text())
    told = " ".join(row[0] for row in rows(section("WebSocket"))[1:])
    assert used >= {4001, 4009, 4500, 4501, 4504}, "the search still finds them"
    assert used <= {int(code) for code in re.findall(r"\d{4}", told)}


# Messages and objects --------------------------------------------------------------------


def tag(kind: type[Any]) -> str:
    """The type of a message or change."""
    return str(kind.__struct_config__.tag)


def fields(kind: type[Any]) -> set[str]:
    """The names of its fields as they are sent."""
    return {field.encode_name for field in msgspec.structs.fields(kind)}


def members(union: object) -> tuple[type[Any], ...]:
    """The classes of a union."""
    return cast(tuple[type[Any], ...], get_args(union))


def test_every_message_is_told_with_its_fields() -> None:
    told = {row[0].strip("`"): named(row[1]) for row in rows(section("Messages"))[1:8]}
    assert told.keys() == {tag(kind) for kind in members(Message)}
    for kind in members(Message):
        assert fields(kind) - {"blog"} <= told[tag(kind)], tag(kind)


def test_every_message_to_a_desk_is_told_with_its_fields() -> None:
    told = {row[0].strip("`"): named(row[1]) for row in rows(section("The desk, live"))[1:]}
    assert told.keys() == {tag(kind) for kind in members(DeskMessage)}
    for kind in members(DeskMessage):
        assert fields(kind) <= told[tag(kind)], tag(kind)


def test_every_change_is_told_with_its_subject() -> None:
    told = {row[0].strip("`"): named(row[1]) for row in rows(section("Messages"))[9:]}
    assert told.keys() == {tag(kind) for kind in members(m.ChangeView)}
    for kind in members(m.ChangeView):
        assert fields(kind) - {"seq", "at"} <= told[tag(kind)], tag(kind)


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Blog", m.BlogView),
        ("Entry", m.EntryView),
        ("Tombstone", m.Tombstone),
        ("Medium", MediumView),
        ("Medium", ProposedView),
        ("Day", m.DayView),
        ("Day", m.DayItemView),
        ("Snapshot", m.Snapshot),
        ("Page item", m.PageItem),
        ("Revision of the history", RevisionView),
    ],
)
def test_every_field_is_told(title: str, kind: type[Any]) -> None:
    told = section(title, section("Objects"))
    assert fields(kind) <= named(told), fields(kind) - named(told)


@pytest.mark.parametrize("title", ["Blog", "Entry", "Day"])
def test_no_field_is_told_that_is_not_there(title: str) -> None:
    views: dict[str, type[Any]] = {"Blog": m.BlogView, "Entry": m.EntryView, "Day": m.DayView}
    told = [spans(row[0]) for row in rows(section(title, section("Objects")))[1:]]
    assert set().union(*told) == fields(views[title])


@pytest.mark.parametrize("name", ["quote", "media", "embed", "bylines", "sources", "edit"])
def test_what_lies_inside_an_entry_is_told(name: str) -> None:
    told = next(r for r in rows(section("Entry", section("Objects"))) if r[0] == f"`{name}`")
    kind = next(f.type for f in msgspec.structs.fields(m.EntryView) if f.name == name)
    inner = next(k for k in (kind, *get_args(kind)) if hasattr(k, "__struct_fields__"))
    assert fields(inner) <= named(told[2]), fields(inner) - named(told[2])


def test_words_of_a_closed_set_are_told() -> None:
    assert set(SUBPROTOCOLS) <= spans(PROTOCOL)
    assert set(get_args(ResetReason)) <= named(section("Messages"))
    assert set(SCOPES) <= spans(section("Who may"))
    closed: list[tuple[type[Any], str]] = [
        (m.BlogView, "status"),
        (m.BlogView, "visibility"),
        (m.EntryView, "kind"),
        (m.EntryView, "state"),
    ]
    for view, name in closed:
        kind = next(f.type for f in msgspec.structs.fields(view) if f.name == name)
        assert set(get_args(kind)) <= named(section("Objects")), name


# Addresses -------------------------------------------------------------------------------


class NoStore:
    """A store that nobody asks."""


class NoBroker:
    """A broker that carries nothing."""

    def set_listener(self, listener: object) -> None:
        """Nobody will be told."""


def routes() -> list[BaseRoute]:
    """Every address of the application."""
    parts = Parts(Settings(), cast(Store, NoStore()), cast(Broker, NoBroker()))
    return parts.routes()


def addresses() -> set[str]:
    """``GET /healthz`` and so on, as docs/protocol.md writes them."""
    found: set[str] = set()
    for route in routes():
        assert isinstance(route, Route | WebSocketRoute), route
        path = re.sub(r":\w+}", "}", route.path)
        methods = {"WS"} if isinstance(route, WebSocketRoute) else (route.methods or {"GET"})
        found |= {f"{method} {path}" for method in methods - {"HEAD"}}
    return found


def test_every_address_is_told_and_no_other() -> None:
    told = {span for span in spans(section("HTTP")) if re.match(r"[A-Z]+ /", span)}
    assert told == addresses()


def test_what_is_not_there_yet_is_not_there() -> None:
    """Whoever builds one of these takes it off the list."""
    absent = [span for span in spans(section("Not yet")) if span.startswith("/") and span != "/"]
    assert absent
    known = {address.partition(" ")[2] for address in addresses()}
    assert not known & set(absent)


# Glossary, decisions, links --------------------------------------------------------------


def terms() -> list[str]:
    """What the glossary explains."""
    return re.findall(r"^\*\*(.+?)\*\*", GLOSSARY, re.MULTILINE)


def test_every_term_is_used_in_code() -> None:
    code = "\n".join(path.read_text() for path in CODE).lower()
    words = terms()
    assert len(words) > 40
    assert [t for t in words if not re.search(rf"\b{re.escape(t.lower())}", code)] == []


def test_the_terms_stand_in_order_and_once() -> None:
    words = [term.lower() for term in terms()]
    assert words == sorted(set(words))


def test_every_decision_is_in_the_index_by_its_title() -> None:
    folder = DOCS / "decisions"
    listed = re.findall(r"^- \[(.+)\]\((.+)\)$", (folder / "README.md").read_text(), re.MULTILINE)
    pages = sorted(folder.glob("[0-9]*.md"))
    titles = [path.read_text().splitlines()[0].removeprefix("# ") for path in pages]
    assert listed == [(t, p.name) for t, p in zip(titles, pages, strict=True)]
    for number, (title, page) in enumerate(zip(titles, pages, strict=True), start=1):
        assert title.startswith(f"{number:04}: ")
        assert page.name.startswith(f"{number:04}-")
        for part in ("Context", "Decision", "Rejected", "Price"):
            assert f"**{part}.**" in page.read_text(), (page.name, part)


def anchors(path: Path) -> set[str]:
    """The anchors that headings make."""
    heads = re.findall(r"^#+ (.+)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def broken(path: Path, root: Path = ROOT) -> list[str]:
    """The links of a document that lead nowhere in this repository."""
    wrong = []
    for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text()):
        name, _, anchor = target.partition("#")
        goal = (path.parent / name).resolve() if name else path
        if re.match(r"\w+:", target) or goal.suffix == ".png":
            continue
        inside = goal.is_relative_to(root) and goal.exists()
        if not inside or (anchor and anchor not in anchors(goal)):
            wrong.append(target)
    return wrong


@pytest.mark.parametrize("path", PAPERS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(path: Path) -> None:
    assert broken(path) == []


def test_a_broken_link_is_seen(tmp_path: Path) -> None:
    paper = tmp_path / "a.md"
    paper.write_text(
        "# One thing\n[a](b.md) [b](#one-thing) [c](#another) [d](https://a.example) [e](../c.md)"
    )
    assert broken(paper, tmp_path) == ["b.md", "#another", "../c.md"]


def test_every_room_is_on_the_map() -> None:
    drawn = (ROOT / "liveblog" / "__init__.py").read_text()
    text = (DOCS / "architecture.md").read_text()
    for item in sorted((ROOT / "liveblog").iterdir()):
        if item.name.startswith(("__", "py.typed")):
            continue
        assert item.name in drawn, item.name
        assert item.stem in text, item.name
