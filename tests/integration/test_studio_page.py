"""The desk's page: one document without data for every address, and what it may load."""

from pathlib import Path

import pytest

from tests.served import serving


@pytest.mark.parametrize("path", ["/studio", "/studio/join", "/studio/war", "/studio/no-such-blog"])
async def test_the_page_is_the_same_for_everybody(tmp_path: Path, path: str) -> None:
    async with serving(tmp_path, site_name="The News") as served:
        await served.blog("war", title="A secret", visibility="draft")
        answer = await served.http.get(path)
        assert answer.status_code == 200
        assert answer.text == (await served.http.get("/studio")).text
        assert "A secret" not in answer.text


async def test_nothing_foreign_runs_and_nobody_frames_it(tmp_path: Path) -> None:
    async with serving(tmp_path) as served:
        policy = (await served.http.get("/studio")).headers["Content-Security-Policy"]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == "'self'"
    assert rules["frame-ancestors"] == "'none'"
    assert rules["require-trusted-types-for"] == "'script'"
    assert rules["trusted-types"] == "liveblog lit-html"


async def test_its_scripts_are_where_it_says(tmp_path: Path) -> None:
    async with serving(tmp_path) as served:
        html = (await served.http.get("/studio")).text
        start = html.index("/static/")
        build = html[start:].split("/")[2]
        for name in ("studio/shell.js", "studio/studio.css", "vendor/lit.js"):
            answer = await served.http.get(f"/static/{build}/{name}")
            assert answer.status_code == 200, name
            assert "immutable" in answer.headers["Cache-Control"]
        assert (await served.http.get(f"/static/{build}/vendor/vendor.sh")).status_code == 404
