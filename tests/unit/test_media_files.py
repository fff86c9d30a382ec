"""Files in memory: one that several ask for is fetched once, and so many are kept."""

import asyncio

import pytest

from liveblog.errors import StorageTrouble
from liveblog.web.media import Files


class Box:
    """A storage that waits for the test."""

    def __init__(self, **files: bytes) -> None:
        self.files = files
        self.asked: list[str] = []
        self.open = asyncio.Event()
        self.away = False

    async def get(self, name: str) -> bytes | None:
        """The file, when the test says so."""
        self.asked.append(name)
        await self.open.wait()
        if self.away:
            raise StorageTrouble()
        return self.files.get(name)

    async def put(self, name: str, content: bytes) -> None:
        """Not used."""

    async def delete(self, medium: str) -> None:
        """Not used."""

    async def check(self) -> str:
        """Not used."""
        return ""


async def test_a_file_is_fetched_once_for_all() -> None:
    box = Box(a=b"aaa")
    files = Files(box)
    first, second, third = (asyncio.create_task(files.get("a")) for _ in range(3))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    box.open.set()
    assert await second == await third == await files.get("a") == b"aaa"
    assert box.asked == ["a"]


async def test_so_many_bytes_are_kept_the_last_ones() -> None:
    box = Box(a=b"aaa", b=b"bbb", c=b"ccc", d=b"d" * 9)
    box.open.set()
    files = Files(box, most=7)
    for name in "abacabd":
        assert await files.get(name) == box.files[name]
    # a and b are in; c puts out b, b then c; d is larger than all that is kept.
    assert box.asked == ["a", "b", "c", "b", "d"]
    assert await files.get("d") == b"d" * 9
    assert box.asked[-1] == "d"


async def test_what_is_not_there_and_who_does_not_answer_are_not_remembered() -> None:
    box = Box()
    box.open.set()
    files = Files(box)
    assert await files.get("a") is None
    box.away = True
    with pytest.raises(StorageTrouble):
        await files.get("a")
    box.away, box.files["a"] = False, b"a"
    assert await files.get("a") == b"a"


async def test_nothing_is_fetched_after_the_end() -> None:
    files = Files(Box())
    waiting = asyncio.create_task(files.get("a"))
    await asyncio.sleep(0)
    await files.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting
