"""The commands against a real server, and the documents that promise them."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from liveblog.cli import main
from tests.acceptance.processes import (
    ROOT,
    WITHIN,
    Running,
    Serving,
    environment,
    running,
    serving,
)

LIVEBLOG = [sys.executable, "-m", "liveblog.cli"]
BIN = Path(sys.executable).parent


class Place:
    """A server, its data folder, and the commands as one would give them beside it."""

    def __init__(self, folder: Path, server: Serving) -> None:
        self.folder = folder
        self.server = server
        self.url = server.address.rstrip("/")
        port = self.url.rpartition(":")[2]
        self.env = environment(LIVEBLOG_DATA_DIR=str(folder), LIVEBLOG_PORT=port) | {
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"
        }

    def run(self, *arguments: str, given: str = "", **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*LIVEBLOG, *arguments],
            env=self.env | env,
            cwd=ROOT,
            input=given,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def out(self, *arguments: str, given: str = "", **env: str) -> str:
        """What a command that works prints."""
        done = self.run(*arguments, given=given, **env)
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        return done.stdout.strip()

    def shell(self, script: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            env=self.env | env,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(self.url + path, timeout=WITHIN) as answer:
            return json.load(answer)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A server for all tests of this file; each test makes the blogs it needs."""
    folder = tmp_path_factory.mktemp("cli")
    with serving(folder) as server:
        yield Place(folder, server)


def make(place: Place, slug: str) -> dict[str, str]:
    """A public blog and the environment of somebody who may write to it."""
    address = place.out("blog", "create", slug, "--title", slug.title(), "--visibility", "public")
    assert address == f"{place.url}/blogs/{slug}"
    token = place.out("token", "create", "test", "--scope", "write", "--blog", slug)
    assert len(token.split()) == 1
    return {"LIVEBLOG_TOKEN": token}


def test_post_takes_words_from_the_argument_or_standard_input(place: Place) -> None:
    env = make(place, "posting")
    first = place.out("post", "posting", "**One**", "--headline", "First", "--key", **env)
    second = place.out("post", "posting", "--breaking", given="Two\n", **env)
    assert first.startswith(f"{place.url}/blogs/posting/entries/")
    entries = place.get("/api/v1/blogs/posting/entries")["entries"]
    assert [place.url + e["url"] for e in entries] == [second, first]
    assert entries[0]["body"] == "Two"
    assert entries[0]["breaking"]
    assert entries[1]["key"]
    assert "posting\tpublic\tlive\tPosting" in place.out("blog", "list").splitlines()


def test_people_are_made_listed_disabled_and_let_in_anew(place: Place) -> None:
    def post(path: str, **body: str) -> int:
        asked = urllib.request.Request(place.url + path, json.dumps(body).encode())
        try:
            with urllib.request.urlopen(asked, timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code

    password = "correct horse battery"
    sign_in = {"email": "ada@news.example", "password": password}
    place.out("blog", "create", "desk-blog", "--title", "T")
    made = ("--role", "contributor", "--blog", "desk-blog", "--password-stdin")
    done = place.run("user", "create", "Ada@News.example", "--name", "Ada", *made, given="\n")
    assert (done.returncode, "needs a password" in done.stderr) == (2, True)
    done = place.run("user", "create", "Ada@News.example", "--name", "Ada", *made, given="short\n")
    assert (done.returncode, done.stderr) == (
        1,
        "liveblog: password: A password has 12 to 256 characters.\n",
    )
    told = place.out("user", "create", "Ada@News.example", "--name", "Ada", *made, given=password)
    assert told == ""
    assert post("/api/v1/session", **sign_in) == 201
    link = place.out("user", "create", "bo@news.example", "--name", "Bo", "--role", "chief")
    assert link.startswith(f"{place.url}/studio/join#")
    assert [line.split("\t") for line in place.out("user", "list").splitlines()] == [
        ["ada@news.example", "-", "desk-blog:contributor", "-", "Ada"],
        ["bo@news.example", "chief", "-", "-", "Bo"],
    ]
    assert "the house has 1 chief" in place.out("check")
    refused = place.run("user", "disable", "bo@news.example")
    assert (refused.returncode, "no chief" in refused.stderr) == (1, True)
    link = place.out("user", "reset", "ada@news.example")
    assert post("/api/v1/session", **sign_in) == 401
    accept = {"token": link.partition("#")[2], "password": "another long secret"}
    assert post("/api/v1/invitations/accept", **accept) == 201
    place.out("user", "disable", "ada@news.example")
    assert post("/api/v1/session", **sign_in | {"password": accept["password"]}) == 401
    assert re.search(r"ada@.*\t20\d\d-.*Z\tAda$", place.out("user", "list"), re.MULTILINE)
    assert place.run("user", "reset", "nobody@news.example").returncode == 1


def test_invitations_are_listed_and_withdrawn(place: Place) -> None:
    place.out("blog", "create", "inviting", "--title", "T")
    token = place.out("token", "create", "desk", "--scope", "admin").strip()

    def invite(email: str, blog: str | None) -> str:
        body = json.dumps({"email": email, "role": "editor", "blog": blog}).encode()
        headers = {"Authorization": f"Bearer {token}"}
        address = place.url + "/api/v1/invitations"
        asked = urllib.request.Request(address, body, headers)
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return str(json.load(answer)["url"].partition("#")[2])

    secrets = [invite("a@news.example", "inviting"), invite("b@news.example", None)]
    listed = place.out("invitation", "list")
    assert not any(secret in listed for secret in secrets)
    rows = [line.split("\t") for line in listed.splitlines()]
    assert [row[1:4] + row[5:] for row in rows] == [
        ["a@news.example", "editor", "inviting", "desk"],
        ["b@news.example", "editor", "-", "desk"],
    ]
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT[\d:]{8}Z", rows[0][4])
    assert place.out("invitation", "withdraw", rows[0][0]) == ""
    assert place.out("invitation", "list") == listed.splitlines()[1]
    again = place.run("invitation", "withdraw", rows[0][0])
    assert (again.returncode, "no invitation of this id" in again.stderr) == (1, True)
    place.out("invitation", "withdraw", rows[1][0])


def test_a_revoked_token_is_refused_in_a_sentence(place: Place, tmp_path: Path) -> None:
    token = make(place, "revoking")["LIVEBLOG_TOKEN"]
    file = tmp_path / "token"
    file.write_text(token + "\n")
    place.out("post", "revoking", "x", "--token-file", str(file))
    token_id = token.split("_")[1]
    place.out("token", "revoke", token_id)
    listed = [line for line in place.out("token", "list").splitlines() if token_id in line]
    assert listed[0].split("\t")[3] != "-"
    done = place.run("post", "revoking", "x", "--token-file", str(file))
    assert done.returncode == 1
    assert done.stderr.startswith("liveblog: ")
    assert "Traceback" not in done.stderr


def test_what_is_not_there_is_said(place: Place) -> None:
    done = place.run("tail", "no-such-blog")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    make(place, "twice")
    again = place.run("blog", "create", "twice", "--title", "Twice")
    assert again.returncode == 1
    assert again.stderr.startswith("liveblog: ")


def test_check_finds_everything(place: Place) -> None:
    lines = place.out("check").splitlines()
    parts = ("settings", "database", "broker", "people", "media")
    assert [line.partition(":")[0].split() for line in lines] == [["ok", part] for part in parts]
    assert "came back" in lines[2]


def test_a_new_epoch_resyncs_who_follows(place: Place) -> None:
    env = make(place, "restored")
    cursor = place.get("/api/v1/blogs/restored/snapshot")["cursor"]
    tail = [*LIVEBLOG, "tail", "restored", "--after", cursor]
    with running(tail, place.env) as following:
        place.out("post", "restored", "before", **env)
        assert json.loads(following.wait_for("entry.published"))["subject"]["body"] == "before"
        assert place.out("epoch", "renew", "--blog", "restored") == "restored"
        resync = json.loads(following.wait_for('"resync"'))
        assert resync["cursor"] == place.get("/api/v1/blogs/restored/snapshot")["cursor"]
        following.signal(signal.SIGINT)
        assert following.process.wait(WITHIN) == 0


def test_tail_ends_when_nobody_reads_on(place: Place) -> None:
    env = make(place, "piped")
    cursor = place.get("/api/v1/blogs/piped/snapshot")["cursor"]
    place.out("post", "piped", "one", **env)
    # The first line lets head go; the posts after it are what tail cannot write any more.
    script = f"""
        exec 3< <(liveblog tail piped --after {cursor}; echo "ended with $?" >&2)
        read -r line <&3
        exec 3<&-
        echo "$line"
        for n in 1 2 3; do liveblog post piped "$n" > /dev/null; done
        wait $!
    """
    done = place.shell(script, **env)
    assert json.loads(done.stdout)["subject"]["body"] == "one"
    assert done.stderr == "ended with 0\n"


def test_tail_goes_on_over_a_server_that_was_killed(tmp_path: Path) -> None:
    with ExitStack() as stack:
        place = Place(tmp_path, stack.enter_context(serving(tmp_path)))
        env = make(place, "killed")
        cursor = place.get("/api/v1/blogs/killed/snapshot")["cursor"]
        tail = [*LIVEBLOG, "tail", "killed", "--after", cursor]
        following = stack.enter_context(running(tail, place.env))
        place.out("post", "killed", "before", **env)
        lines = [following.wait_for("entry.published")]
        place.server.signal(signal.SIGKILL)
        place.server.process.wait(WITHIN)
        again = Running([*LIVEBLOG, "serve"], place.env)
        stack.callback(again.close)
        again.wait_for("Liveblog is live at ")
        place.out("post", "killed", "after", **env)
        lines.append(following.wait_for("entry.published"))
        assert [json.loads(line)["subject"]["body"] for line in lines] == ["before", "after"]
        following.signal(signal.SIGINT)
        assert following.process.wait(WITHIN) == 0
        assert following.text == "\n".join(lines)


# The documents ---------------------------------------------------------------------------

README = (ROOT / "README.md").read_text("utf-8")
TUTORIAL = (ROOT / "docs" / "tutorial.md").read_text("utf-8")


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def commands(text: str) -> list[str]:
    """The indented lines that give a command."""
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)
    return [line.strip() for line in re.findall(r"^    .+$", prose, re.MULTILINE)]


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Place]:
    """A server of which nobody has heard, as the README has it."""
    with serving(tmp_path) as server:
        yield Place(tmp_path, server)


def test_the_readme_does_what_it_says(empty: Place) -> None:
    place = empty
    (curl,) = blocks(README, "sh")
    given = [c for c in commands(README) if c.startswith(("liveblog", "export"))]
    serve, *setup, post, tail = given
    assert serve == "liveblog serve", "nothing else is of use before a server has made its tables"
    curl = curl.replace("http://127.0.0.1:8000", place.url)
    done = place.shell("\n".join([*setup, curl, post, 'echo "cursor=$CURSOR"']))
    assert done.returncode == 0, done.stderr
    assert f"{place.url}/studio/join#" in done.stdout
    assert '"type":"changes"' in done.stdout
    assert "\nid: " in done.stdout
    entries = place.get("/api/v1/blogs/harbour-fire/entries")["entries"]
    assert [e["headline"] for e in entries] == ["Under control", "Smoke over pier 4"]
    cursor = done.stdout.rpartition("cursor=")[2].strip()
    following = [*LIVEBLOG, *shlex.split(tail.replace("$CURSOR", cursor))[1:]]
    with closing(Running(following, place.env)) as tailing:
        tailing.wait_for("Smoke over pier 4")
        tailing.wait_for("Under control")


def test_the_tutorial_does_what_it_says(place: Place) -> None:
    text = TUTORIAL.replace("harbour-fire", "tutorial")
    given = [c for c in commands(text) if not c.startswith((". ", "make", "liveblog serve"))]
    given = [c for c in given if not c.startswith(("liveblog tail", "liveblog epoch"))]
    done = place.shell("\n".join(given))
    assert done.returncode == 0, done.stderr
    _, writing = blocks(text, "python")
    env = {"LIVEBLOG_TOKEN": place.out("token", "create", "test", "--scope", "write")}
    script = writing.replace("http://127.0.0.1:8000", place.url)
    subprocess.run([sys.executable, "-c", script], env=place.env | env, check=True, timeout=60)
    states = [e["state"] for e in place.get("/api/v1/blogs/tutorial/entries")["entries"]]
    assert states == ["retracted", "published", "published"]


@pytest.mark.parametrize("text", [README, TUTORIAL], ids=["README", "tutorial"])
def test_documents_name_commands_and_files_that_exist(text: str) -> None:
    named = {c.split()[1] for c in commands(text) if c.startswith("liveblog ")}
    assert named <= set(main.commands)
    for target in re.findall(r"\[[^\]]*\]\(([^)]+)\)", text):
        # The picture is taken at the end, of the finished page.
        assert (ROOT / target).exists(), target
    for block in blocks(text, "python"):
        compile(block, "document", "exec")
