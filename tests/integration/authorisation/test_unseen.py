"""Entries that are not public: there for whom they are there for, and for nobody else."""

import json
from pathlib import Path

import pytest

from tests.integration.authorisation.asking import Asking
from tests.integration.authorisation.table import BLOG, ENTRY, NO_MATCH, PUBLIC, ZERO, Row, write
from tests.integration.authorisation.world import (
    EVERYBODY,
    GROUPS,
    MARK,
    VISIBILITIES,
    Made,
    World,
)
from tests.served import Served

UNSEEN = ("draft", "submitted", "scheduled", "embargoed", "dropped")
PUBLIC_ONLY = [
    Row("GET", "/blogs/{slug}/entries/{id}", "read"),
    Row("GET", "/blogs/{slug}/entries/{id}/page", "read"),
    Row("GET", "/blogs/{slug}/entries/{id}/history", "read"),
]
SEEN_BY_OWNERS = [
    Row("GET", ENTRY, "read"),
    Row("GET", ENTRY + "/revisions", "read"),
    Row("GET", BLOG + "/desk/entries/{id}", "submit"),
    Row("GET", BLOG + "/desk/entries/{id}/revisions", "submit"),
    write("PATCH", ENTRY, "submit", NO_MATCH),
    write("DELETE", ENTRY, "submit", NO_MATCH),
    write("POST", ENTRY + "/retract", "submit", NO_MATCH),
    write("POST", ENTRY + "/restore", "submit", NO_MATCH),
    write("PATCH", ENTRY + "/revisions/{n}", "write", "404"),
    write("POST", BLOG + "/desk/bulk", "submit", "200", "bulk"),
]


@pytest.mark.parametrize("row", [*PUBLIC_ONLY, *SEEN_BY_OWNERS], ids=lambda row: row.address)
@pytest.mark.parametrize("slug", ["public", "draft"])
async def test_an_entry_that_is_not_public_is_as_if_it_were_not_there(
    made: Made, tmp_path: Path, row: Row, slug: str
) -> None:
    """For whoever is not its owner, and no editor: the same status and words as for an id that
    no entry has. For those it is there."""
    wrong: list[object] = []
    async with made.serving(tmp_path, public_url=PUBLIC) as served:
        for who in EVERYBODY:
            nothing = await _ask_for(served, made.world, row, who, slug, ZERO)
            for owner, ids in made.world.entries[slug].items():
                for name in UNSEEN:
                    got = await _ask_for(served, made.world, row, who, slug, ids[name])
                    there = got != (nothing[0], nothing[1].replace(ZERO, ids[name]))
                    if there != told(row, who, owner):
                        wrong.append((who, owner, name, got, nothing))
    assert wrong == []


def told(row: Row, who: str, owner: str) -> bool:
    """Whether it is there for them: for editors, and for its owner, who withholds nothing."""
    if row in PUBLIC_ONLY:
        return False
    if any(who in GROUPS[group] for group in "WA"):
        return True
    return who == owner and not row.path.endswith("/revisions/{n}")


async def _ask_for(
    served: Served, world: World, row: Row, who: str, slug: str, entry: str
) -> tuple[int, str]:
    if row.body == "bulk":
        body = {"action": "tag", "tag": "x", "entries": [{"id": entry, "revision": 99}]}
        row = row._replace(body=body)
    return await Asking(served, world, row).ask(who, slug, entry)


async def test_an_owner_who_is_no_editor_changes_only_drafts_and_submissions(
    made: Made, tmp_path: Path
) -> None:
    row = write("PATCH", ENTRY, "submit", NO_MATCH)
    async with made.serving(tmp_path, public_url=PUBLIC) as served:
        asking, ids = Asking(served, made.world, row), made.world.entries["public"]["contributor"]
        found = {name: (await asking.ask("contributor", "public", ids[name]))[0] for name in ids}
    own = dict.fromkeys(ids, 403) | {"draft": 428, "submitted": 428}
    assert found == own


DESK = [
    *("", "?limit=2", "?key=true", "?kind=text", f"?q={MARK}", "?author={author}"),
    *(f"?state={state}" for state in ("draft", "submitted", "scheduled", "published", "retracted")),
]


@pytest.mark.parametrize("slug", VISIBILITIES)
async def test_at_the_desk_a_contributor_sees_their_own_and_an_editor_everything(
    made: Made, tmp_path: Path, slug: str
) -> None:
    async with made.serving(tmp_path, public_url=PUBLIC) as served:
        for who, owners in (
            ("contributor", {"contributor"}),
            ("token submit", set()),
            ("house contributor", set()),
            ("editor", {"contributor", "editor"}),
            ("house chief", {"contributor", "editor"}),
        ):
            author, texts = made.world.people["editor"], ""
            for query in DESK:
                row = Row("GET", f"{BLOG}/desk/entries{query.format(author=author)}", "submit")
                status, text = await Asking(served, made.world, row).ask(who, slug)
                assert status == 200, query
                texts += text
            entries = made.world.entries[slug].items()
            seen = {owner for owner, ids in entries if any(one in texts for one in ids.values())}
            assert seen == owners, who
            _, desk = await Asking(served, made.world, Row("GET", BLOG + "/desk", "submit")).ask(
                who, slug
            )
            counts = json.loads(desk)["counts"]
            each = {"draft": 1, "submitted": 1, "scheduled": 2, "published": 1, "retracted": 2}
            assert counts == {state: n * len(owners) for state, n in each.items()}, who
