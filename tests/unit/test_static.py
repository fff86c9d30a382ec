"""The pages' own files: light, coded, and whole."""

import gzip
import hashlib
import re
from importlib.resources import files

import brotli
import httpx2
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from liveblog.web.pages.static import StaticFiles, light

STATIC = files("liveblog.web") / "static"
SCRIPTS = sorted(item.name for item in STATIC.iterdir() if item.name.endswith(".js"))
DECODE = {None: bytes, "br": brotli.decompress, "gzip": gzip.decompress}


@pytest.fixture
def client() -> httpx2.AsyncClient:
    """A client of the files of build "now", among them a newsroom's."""
    static = StaticFiles("now", {"theme.css": b"/* ours */\n:root { --red: #a00; }\n"})
    app = Starlette(routes=[Route("/static/{build}/{name:path}", static.endpoint)])
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://test/static/")


def test_only_remarks_on_lines_of_their_own_go() -> None:
    source = (
        "/* Why,\n   at length. */\n\nlet a = 1; // kept\n  // gone\n\n  /** What. */\n"
        '  let b = "/* text */ // text";\nlet c = `https://x`; /* kept */\n'
        "/* kept */ let d;\n"
    )
    assert light(source) == (
        'let a = 1; // kept\nlet b = "/* text */ // text";\nlet c = `https://x`; /* kept */\n'
        "/* kept */ let d;\n"
    )


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_text_in_a_script_looks_like_a_remark(name: str) -> None:
    """Text of several lines could: there is none. `light` may cut no code."""
    for text in re.findall(r"`[^`]*`", (STATIC / name).read_text()):
        assert "\n" not in text


def test_what_others_made_is_what_its_script_makes() -> None:
    """`vendor/vendor.sh` writes the sums down; whoever changes a file by hand is found out."""
    listed = (STATIC / "vendor" / "SHA256SUMS").read_text().split()
    sums = dict(zip(listed[1::2], listed[::2], strict=True))
    assert sums.keys() == {"lit.js", "lit.LICENSE"}
    for name, said in sums.items():
        assert hashlib.sha256((STATIC / "vendor" / name).read_bytes()).hexdigest() == said


@pytest.mark.parametrize("accept", ["br", "gzip", "identity"])
async def test_coded_as_asked(client: httpx2.AsyncClient, accept: str) -> None:
    async with client.stream("GET", "now/live.js", headers={"Accept-Encoding": accept}) as answer:
        raw = b"".join([chunk async for chunk in answer.aiter_raw()])
    coding = answer.headers.get("Content-Encoding")
    assert coding == (None if accept == "identity" else accept)
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert DECODE[coding](raw).decode() == light((STATIC / "live.js").read_text())


async def test_what_is_not_text_or_small_is_sent_as_it_is(client: httpx2.AsyncClient) -> None:
    both = {"Accept-Encoding": "br, gzip"}
    for name in ("icon.svg", "theme.css"):
        answer = await client.get(f"now/{name}", headers=both)
        assert "Content-Encoding" not in answer.headers
    assert answer.text.startswith("/* ours */")


async def test_what_is_in_a_folder_is_sent_as_it_is(client: httpx2.AsyncClient) -> None:
    for name in ("vendor/lit.js", "studio/api.js"):
        assert (await client.get(f"now/{name}")).text == (STATIC / name).read_text()


async def test_another_build_and_an_unknown_name(client: httpx2.AsyncClient) -> None:
    assert (await client.get("old/live.js")).headers["Cache-Control"] == "no-cache"
    for name in ("nothing.js", "..%2Fstatic.py", "__init__.py"):
        assert (await client.get(f"now/{name}")).status_code == 404
