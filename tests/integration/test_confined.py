"""The process that opens what others send: what it may do, and what becomes of who asks it."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from liveblog.media import Confined, confined
from liveblog.media.confined import Broken
from liveblog.media.job import Found, Look, Made, Refused, Render
from tests.pictures import encoded, gradient, jpeg

MANY = 50_000_000


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> asyncio.Queue[asyncio.subprocess.Process]:
    """Every process that is started."""
    processes: asyncio.Queue[asyncio.subprocess.Process] = asyncio.Queue()
    start = asyncio.create_subprocess_exec

    async def spy(*args: Any, **options: Any) -> asyncio.subprocess.Process:
        process = await start(*args, **options)
        processes.put_nowait(process)
        return process

    monkeypatch.setattr(asyncio, "create_subprocess_exec", spy)
    return processes


def slow() -> bytes:
    """A picture that takes seconds to make others of."""
    return encoded(Image.effect_noise((3000, 3000), 90).convert("RGB"), "JPEG")


async def test_a_picture_is_looked_at_and_made() -> None:
    runner = Confined()
    assert isinstance(await runner.run(Look(MANY), jpeg()), Found)
    made = await runner.run(Render(MANY), jpeg(300, 200))
    assert isinstance(made, Made)
    assert set(made.files) == {"300.jpg", "300.avif", "300.webp"}
    assert isinstance(await runner.run(Render(MANY), b"no picture"), Refused)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "GIF", "WEBP", "AVIF", "MPO"])
async def test_nothing_has_to_be_loaded_any_more(format: str) -> None:
    """A picture that says much, in each format: what opens it has no way to open a file."""
    exif = Image.Exif()
    exif[0x010E], exif[0x0112] = "A table", 6
    exif[0x8769] = {0x9003: "2025:07:23 14:03:00"}
    more: dict[str, Any] = {} if format == "GIF" else {"exif": exif}
    if format in ("JPEG", "WEBP", "PNG", "AVIF"):
        more["icc_profile"] = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    if format in ("WEBP", "GIF", "PNG", "MPO"):
        more |= {"save_all": True, "append_images": [gradient(300, 200, "RGB")]}
    content = encoded(Image.new("RGB", (300, 200), (200, 0, 0)), format, **more)
    runner = Confined()
    found = await runner.run(Look(MANY), content)
    assert isinstance(found, Found)
    assert found.said.captions == (() if format == "GIF" else ("A table",))
    assert isinstance(await runner.run(Render(MANY), content), Made)


async def test_who_dies_breaks_nobody_else(
    started: asyncio.Queue[asyncio.subprocess.Process],
) -> None:
    runner = Confined()
    work = asyncio.create_task(runner.run(Render(MANY), slow()))
    (await started.get()).kill()
    with pytest.raises(Broken, match="no answer"):
        await work
    assert isinstance(await runner.run(Look(MANY), jpeg()), Found)


async def test_who_takes_too_long_is_killed(
    started: asyncio.Queue[asyncio.subprocess.Process],
) -> None:
    with pytest.raises(Broken, match=r"not done within 0\.01 s"):
        await Confined(seconds=0.01).run(Render(MANY), slow())
    assert (await started.get()).returncode == -9


async def test_who_is_not_waited_for_any_more_is_killed(
    started: asyncio.Queue[asyncio.subprocess.Process],
) -> None:
    work = asyncio.create_task(Confined().run(Render(MANY), slow()))
    process = await started.get()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert process.returncode == -9


async def test_an_answer_without_an_end_is_cut(
    monkeypatch: pytest.MonkeyPatch, started: asyncio.Queue[asyncio.subprocess.Process]
) -> None:
    monkeypatch.setattr(confined, "ANSWER", 1000)
    with pytest.raises(Broken, match="too long"):
        await Confined().run(Render(MANY), jpeg())
    assert (await started.get()).returncode is not None


async def test_so_many_run_at_once_and_no_more(
    started: asyncio.Queue[asyncio.subprocess.Process],
) -> None:
    runner = Confined(at_once=1)
    first, second = (asyncio.create_task(runner.run(Look(MANY), jpeg())) for _ in range(2))
    process = await started.get()
    assert started.empty()
    await first
    assert process.returncode == 0
    assert isinstance(await second, Found)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
async def test_it_knows_no_secret_of_ours(
    started: asyncio.Queue[asyncio.subprocess.Process], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIVEBLOG_SECRET_KEY", "s3cret" * 8)
    work = asyncio.create_task(Confined().run(Render(MANY), slow()))
    process = await started.get()
    environ = await asyncio.to_thread(Path(f"/proc/{process.pid}/environ").read_bytes)
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    assert b"s3cret" not in environ


CONFINED = """
import json, resource, socket, subprocess, sys
from liveblog.media.child import confine
confine(1_000_000)
told = {name: resource.getrlimit(getattr(resource, "RLIMIT_" + name))[0]
        for name in ("CPU", "AS", "FSIZE", "CORE", "NOFILE")}
tries = {
    "memory": lambda: bytearray(4 << 30),
    "read": lambda: open(sys.argv[1]),
    "connect": lambda: socket.socket(),
    "start": lambda: subprocess.run(["/bin/true"]),
}
for name, attempt in tries.items():
    try:
        attempt()
        told[name] = "done"
    except (MemoryError, OSError) as error:
        told[name] = type(error).__name__
print(json.dumps(told))
"""


def test_it_has_bounds(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("s3cret")
    command = [sys.executable, "-c", CONFINED, str(tmp_path / "secret_key")]
    told = subprocess.run(command, capture_output=True, check=True).stdout
    assert json.loads(told) == {
        "CPU": 60,
        "AS": 1024**3 + 24_000_000,
        "FSIZE": 0,
        "CORE": 0,
        "NOFILE": 3,
        "memory": "MemoryError",
        "read": "OSError",
        "connect": "OSError",
        "start": "OSError",
    }


async def test_a_bomb_in_what_a_picture_says_is_refused() -> None:
    told = PngInfo()
    told.add_text("Comment", "x" * 100_000_000, zip=True)
    content = encoded(gradient(30, 20), "PNG", pnginfo=told)
    assert len(content) < 200_000
    assert isinstance(await Confined().run(Look(MANY), content), Refused)


async def test_the_largest_picture_that_is_taken_fits() -> None:
    content = encoded(Image.new("RGBA", (10_000, 5_000), (9, 9, 9, 99)), "PNG")
    made = await Confined().run(Render(MANY), content)
    assert isinstance(made, Made)
    assert made.makes[0].file == "1280.png"
