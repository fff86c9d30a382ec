"""Files on disk and in a bucket: one promise, two ways, the same tests."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from liveblog.config import Settings
from liveblog.errors import ConfigError, StorageTrouble
from liveblog.media import Storage, open_storage
from liveblog.media.disk import Disk
from liveblog.media.s3 import S3
from liveblog.media.storage import in_full, original_name
from tests.moto import BUCKET

ONE, OTHER = "0" * 25 + "1", "0" * 25 + "2"


@pytest.fixture(params=["disk", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "disk":
        return Disk(tmp_path / "media")
    endpoint = request.getfixturevalue("s3_endpoint")
    return bucket(endpoint, tmp_path.name)


def bucket(endpoint: str, prefix: str, name: str = BUCKET) -> S3:
    return S3(name, prefix, endpoint=endpoint, key_id="key", secret="secret")


async def test_what_is_put_is_got_until_it_is_deleted(storage: Storage) -> None:
    content = os.urandom(3_000_000)
    assert await storage.get(original_name(ONE)) is None
    await storage.put(original_name(ONE), content)
    await storage.put(f"{ONE}/320.avif", b"small")
    await storage.put(f"{OTHER}/320.avif", b"other")
    assert await storage.get(original_name(ONE)) == content
    await storage.put(f"{ONE}/320.avif", b"newer")
    assert await storage.get(f"{ONE}/320.avif") == b"newer"
    await storage.delete(ONE)
    await storage.delete(ONE)
    assert await storage.get(original_name(ONE)) is None
    assert await storage.get(f"{ONE}/320.avif") is None
    assert await storage.get(f"{OTHER}/320.avif") == b"other"


@pytest.mark.parametrize(
    "name",
    ["../x", f"{ONE}/../x", f"{ONE}//x", "/etc/passwd", ONE, f"{ONE}/", f"{ONE}/a/b", "a/b",
     f"{ONE}/.x", f"{ONE}/x\0", f"{ONE}/320.avif\n", f"{ONE[:-1]}/x"],
)  # fmt: skip
async def test_no_name_leads_anywhere_else(storage: Storage, name: str) -> None:
    with pytest.raises(ValueError):
        await storage.put(name, b"x")
    with pytest.raises(ValueError):
        await storage.get(name)


@pytest.mark.parametrize("medium", ["", ".", "..", "/", "media", f"{ONE}/", f"{ONE}/a.jpg"])
async def test_nothing_else_is_deleted(storage: Storage, medium: str) -> None:
    with pytest.raises(ValueError):
        await storage.delete(medium)


async def test_check_leaves_nothing_behind(storage: Storage) -> None:
    assert (await storage.check()).endswith("takes files and gives them back")
    assert await storage.get("0" * 26 + "/original") is None


# Trouble -----------------------------------------------------------------------------------


def full(path: str | Path, flags: int, mode: int = 0o777) -> int:
    """A disk without space: the kernel's own."""
    return os.open("/dev/full", os.O_WRONLY)


async def test_a_full_disk_keeps_nothing_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk(tmp_path / "media")
    await disk.put(f"{ONE}/a.jpg", b"before")
    with monkeypatch.context() as patch:
        _open_draft(patch, full)
        with pytest.raises(StorageTrouble, match="no space left"):
            await disk.put(f"{ONE}/a.jpg", b"after" * 100_000)
    assert await disk.get(f"{ONE}/a.jpg") == b"before"


def _open_draft(patch: pytest.MonkeyPatch, way: Callable[..., int]) -> None:
    class Os:
        """The module ``os``, but for this."""

        open = staticmethod(way)

        def __getattr__(self, name: str) -> object:
            return getattr(os, name)

    patch.setattr("liveblog.media.disk.os", Os())


async def test_half_a_file_is_never_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process dies while it writes: what lies there has another name."""
    disk = Disk(tmp_path / "media")

    def fails(source: object, goal: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr("liveblog.media.disk.os.replace", fails)
    with pytest.raises(StorageTrouble, match="Input/output error"):
        await disk.put(f"{ONE}/a.jpg", b"x")
    assert list((tmp_path / "media" / ONE).iterdir()) == []


async def test_files_are_nobody_elses(tmp_path: Path) -> None:
    disk = Disk(tmp_path / "media")
    await disk.put(f"{ONE}/a.jpg", b"x")
    path = tmp_path / "media" / ONE
    assert path.stat().st_mode & 0o777 == 0o700
    assert (path / "a.jpg").stat().st_mode & 0o777 == 0o600


async def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "media").write_bytes(b"")
    disk = Disk(tmp_path / "media")
    with pytest.raises(StorageTrouble, match="cannot keep a file"):
        await disk.put(f"{ONE}/a.jpg", b"x")
    with pytest.raises(StorageTrouble):
        await disk.check()


async def test_a_bucket_that_is_not_there(s3_endpoint: str, tmp_path: Path) -> None:
    missing = bucket(s3_endpoint, "", "no-such-bucket")
    with pytest.raises(StorageTrouble) as caught:
        await missing.check()
    assert "NoSuchBucket" in in_full(caught.value)
    assert "no-such-bucket" not in str(caught.value), "no business of whoever uploads"


async def test_a_service_that_does_not_answer() -> None:
    away = bucket("http://127.0.0.1:1", "")
    for attempt in (away.put(f"{ONE}/a.jpg", b"x"), away.get(f"{ONE}/a.jpg"), away.delete(ONE)):
        with pytest.raises(StorageTrouble, match=r"The storage for media cannot \w+ a file now"):
            await attempt


# Settings ----------------------------------------------------------------------------------


def test_the_storage_is_the_one_of_the_settings(tmp_path: Path) -> None:
    assert isinstance(open_storage(Settings(data_dir=tmp_path)), Disk)
    assert isinstance(open_storage(Settings(media_url="s3://media/live")), S3)


@pytest.mark.parametrize(
    "environ",
    [
        {"LIVEBLOG_MEDIA_URL": "http://bucket"},
        {"LIVEBLOG_MEDIA_URL": "s3://"},
        {"LIVEBLOG_MEDIA_URL": "s3://UPPER"},
        {"LIVEBLOG_MEDIA_ENDPOINT": "s3.example"},
        {"LIVEBLOG_MEDIA_KEY_ID": "A"},
        {"LIVEBLOG_MEDIA_SECRET_KEY": "hidden"},
    ],
)
def test_settings_that_cannot_be_meant(environ: dict[str, str]) -> None:
    with pytest.raises(ConfigError) as caught:
        Settings.from_env(environ)
    assert next(iter(environ)) in str(caught.value)
    assert "hidden" not in str(caught.value)
