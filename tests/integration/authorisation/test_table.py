"""The authorisation table, cell by cell."""

import json
import re
from pathlib import Path

import pytest

from tests.integration.authorisation.asking import Asking
from tests.integration.authorisation.table import (
    ELSEWHERE,
    MORE,
    PUBLIC,
    PUSH,
    ROWS,
    ZERO,
    Row,
    expected,
    write,
)
from tests.integration.authorisation.world import EVERYBODY, GROUPS, HOUSE, VISIBILITIES, Made
from tests.unit.test_docs import addresses


@pytest.mark.parametrize("row", [*ROWS, *MORE], ids=lambda row: f"{row.address} {row.needs}")
async def test_every_cell(made: Made, tmp_path: Path, row: Row) -> None:
    wrong: list[object] = []
    async with made.serving(tmp_path, public_url=PUBLIC, **PUSH) as served:
        asking = Asking(served, made.world, row)
        for visibility in VISIBILITIES:
            for group, names in GROUPS.items():
                status, _, words = expected(row, group, visibility).partition(" ")
                for who in names:
                    got, text = await asking.ask(who, visibility)
                    if str(got) != status or words not in text:
                        wrong.append((who, visibility, f"{status} {words}", got, text[:200]))
    assert wrong == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.address)
async def test_a_draft_blog_is_for_outsiders_as_if_it_were_not_there(
    made: Made, tmp_path: Path, row: Row
) -> None:
    """The same status and the same words as for a name that no blog has."""
    wrong: list[object] = []
    async with made.serving(tmp_path, public_url=PUBLIC, **PUSH) as served:
        asking = Asking(served, made.world, row)
        for who in (name for group in "NZOR" for name in GROUPS[group]):
            draft, nothing = await asking.ask(who, "draft"), await asking.ask(who, "nothere")
            if draft != (nothing[0], nothing[1].replace("nothere", "draft")):
                wrong.append((who, draft, nothing))
        for who in EVERYBODY:
            status, text = await asking.ask(who, "nothere")
            if status not in (401, 403, 404) and row.needs != "nothing":
                wrong.append((who, status, text))
    assert wrong == []


# The house -------------------------------------------------------------------------------

TAKEN = {"slug": "public", "title": "T"}
UNKNOWN = {"email": "disabled", "role": "editor", "blog": None}
CHIEFS = (*GROUPS["A"], "token elsewhere", "chief elsewhere")
OF_THE_HOUSE = [
    (write("POST", "/api/v1/blogs", "admin", "409", TAKEN), HOUSE),
    (write("PATCH", f"/api/v1/people/{ZERO}", "admin", "404 nobody of this id"), HOUSE),
    (write("POST", "/api/v1/invitations", "admin", "409 disabled", UNKNOWN), HOUSE),
    (Row("GET", "/api/v1/people", "admin"), CHIEFS),
    (Row("GET", "/api/v1/invitations", "admin"), CHIEFS),
    (write("DELETE", f"/api/v1/invitations/{ZERO}", "admin", "404 no invitation"), CHIEFS),
]


@pytest.mark.parametrize(("row", "allowed"), OF_THE_HOUSE, ids=lambda one: str(one)[:60])
async def test_what_belongs_to_the_house(
    made: Made, tmp_path: Path, row: Row, allowed: tuple[str, ...]
) -> None:
    wrong: list[object] = []
    async with made.serving(tmp_path, public_url=PUBLIC) as served:
        gone = made.world.people["disabled"]
        person = await served.store.inner.read(lambda tx: tx.person(gone))
        assert person is not None
        if row.body is UNKNOWN:
            row = row._replace(body=UNKNOWN | {"email": person.email})
        for who in EVERYBODY:
            cell = row.ok if who in allowed else "401" if who in GROUPS["N"] else "403"
            status, _, words = cell.partition(" ")
            got, text = await Asking(served, made.world, row).ask(who, "public")
            if str(got) != status or words not in text or (got >= 400 and "@" in text):
                wrong.append((who, cell, got, text))
    assert wrong == []


@pytest.mark.parametrize("slug", [*VISIBILITIES, None])
async def test_who_withdraws_an_invitation(made: Made, tmp_path: Path, slug: str | None) -> None:
    """Who may invite there; for everybody else it is as if there were none, in the lists too."""
    wrong: list[object] = []
    allowed = HOUSE if slug is None else GROUPS["A"]
    place = slug or "public"
    async with made.serving(tmp_path, public_url=PUBLIC) as served:
        for who in EVERYBODY:
            body = {"email": "new@news.example", "role": "editor", "blog": slug}
            asked = write("POST", "/api/v1/invitations", "admin", "201", body)
            assert (await Asking(served, made.world, asked).ask("house chief", place))[0] == 201
            listing = Asking(served, made.world, Row("GET", "/api/v1/invitations", "admin"))
            everything = json.loads((await listing.ask("house chief", place))[1])["invitations"]
            [name] = [one["id"] for one in everything]
            _, listed = await listing.ask(who, place)
            address = f"/api/v1/invitations/{name}"
            asking = Asking(served, made.world, write("DELETE", address, "admin", "204"))
            gone = Asking(served, made.world, write("DELETE", address[:-1] + "0", "admin", "404"))
            (got, text), other = await asking.ask(who, place), await gone.ask(who, place)
            there = got == 204 if who in allowed else (got, text) != other
            if there != (who in allowed) or (name in listed) != (who in allowed):
                wrong.append((who, got, text, other, listed))
    assert wrong == []


async def test_the_list_of_blogs(made: Made, tmp_path: Path) -> None:
    """Everybody sees what is public, and what they belong to."""
    own = {"contributor", "editor", "chief"}
    everything = {"token submit", "token write", *HOUSE, "house contributor", "house editor"}
    async with made.serving(tmp_path) as served:
        for who in EVERYBODY:
            row = Row("GET", "/api/v1/blogs", "read")
            _, text = await Asking(served, made.world, row).ask(who, "public")
            slugs = set(re.findall(r'"slug":"(\w+)"', text))
            allowed = {"public", "elsewhere"}
            if who in own | everything:
                allowed |= set(VISIBILITIES)
            assert slugs == allowed, who


def test_every_address_is_in_the_table() -> None:
    def plain(address: str) -> str:
        return re.sub(r"\{\w+\}", "{}", address)

    known = {plain(row.address) for row in ROWS} | {plain(one) for one in ELSEWHERE}
    assert known == {plain(one) for one in addresses()}
