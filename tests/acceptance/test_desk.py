"""The desks of two real web processes: people of both, one that dies, a Redis that is away."""

from collections.abc import AsyncIterator
from pathlib import Path
from signal import SIGCONT, SIGSTOP

import pytest
import pytest_asyncio

from liveblog.actions import open_actions
from liveblog.config import Settings
from tests.acceptance.webs import Newsroom, newsroom
from tests.desk import AtDesk, at_desk
from tests.valkey import ValkeyProcess

ANA, BEN, CEM = "Ana", "Ben", "Cem"

pytestmark = pytest.mark.asyncio


class House:
    """Two processes, and a token for each of three people."""

    def __init__(self, room: Newsroom, tokens: dict[str, str]) -> None:
        self.room = room
        self.a, self.b = room.webs
        self.tokens = tokens

    async def draft(self) -> str:
        """A draft, written in A."""
        answer = await self.room.write(self.a, "entries", {"body": "Words", "state": "draft"})
        assert answer.status_code == 201, answer.text
        found: str = answer.json()["id"]
        return found


@pytest_asyncio.fixture(params=["sqlite", "postgresql"])
async def house(
    request: pytest.FixtureRequest, tmp_path: Path, valkey: ValkeyProcess
) -> AsyncIterator[House]:
    """The processes, over each database."""
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else ""
    async with newsroom(tmp_path, valkey, url) as room:
        settings = Settings(data_dir=tmp_path, redis_url=valkey.url, database_url=url)
        async with open_actions(settings) as actions:
            tokens = {name: await actions.create_token(name, "write") for name in (ANA, BEN, CEM)}
        yield House(room, tokens)


def told_of(desk: AtDesk, entry: str) -> bool:
    """Whether a desk was told of an entry."""
    return any(touched["entry"] == entry for touched in desk.all("touched"))


async def test_people_of_both_processes_and_of_one_that_dies(house: House) -> None:
    tokens = house.tokens
    async with (
        at_desk(house.a.address, tokens[ANA]) as ana,
        at_desk(house.a.address, tokens[CEM]) as cem,
        at_desk(house.b.address, tokens[CEM]),
        at_desk(house.b.address, tokens[BEN]) as ben,
    ):
        entry = await house.draft()
        await ben.until(lambda: told_of(ben, entry))
        await ben.says(entry)
        everybody = {ANA: None, BEN: entry, CEM: None}
        for one in (ana, ben, cem):
            await one.until(lambda one=one: one.people == everybody)  # type: ignore[misc]
        house.b.kill()
        await ben.until(lambda: ben.closed is not None)
        await ana.until(lambda: ana.people == {ANA: None, CEM: None})
        assert ana.closed is None
        house.b.start()
        await house.b.ready()
        async with at_desk(house.b.address, tokens[BEN]) as again:
            await again.until(lambda: again.people == {ANA: None, BEN: None, CEM: None})
            await ana.until(lambda: ana.people == {ANA: None, BEN: None, CEM: None})


@pytest.mark.parametrize("trouble", ["killed", "frozen"])
async def test_without_redis_desks_are_silent_and_then_read_again(
    house: House, valkey: ValkeyProcess, trouble: str
) -> None:
    async with (
        at_desk(house.a.address, house.tokens[ANA]) as ana,
        at_desk(house.b.address, house.tokens[BEN]) as ben,
    ):
        await ana.until(lambda: ana.people == {ANA: None, BEN: None})
        if trouble == "killed":
            valkey.kill()
        else:
            valkey.stop_signal(SIGSTOP)
        for web in (house.a, house.b):
            await web.degraded("redis")
        heard = len(ana.told)
        await house.draft()
        async with at_desk(house.a.address, house.tokens[CEM]) as cem:
            await cem.says(None)
            if trouble == "killed":
                valkey.restart_empty()
            else:
                valkey.stop_signal(SIGCONT)
            for desk in (ana, ben):
                await desk.until(lambda desk=desk: desk.all("missed"))  # type: ignore[misc]
            told = [message["type"] for message in ana.told[heard:]]
            assert "presence" not in told[: told.index("missed")], "nobody knew who was there"
            for desk in (ana, ben, cem):
                await desk.until(
                    lambda desk=desk: desk.people == {ANA: None, BEN: None, CEM: None}  # type: ignore[misc]
                )
            entry = await house.draft()
            await ben.until(lambda: told_of(ben, entry))
