"""Files in a folder: the storage of whoever configures no other."""

import asyncio
import errno
import os
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

from liveblog.errors import StorageTrouble
from liveblog.media.storage import CHECK, original_name, sound
from liveblog.model.ids import is_id

P = ParamSpec("P")
T = TypeVar("T")


class Disk:
    """See :class:`~liveblog.media.storage.Storage`. Every call runs in a thread: a disk may be
    far away.

    :param folder: made when something is first put.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, name: str, content: bytes) -> None:
        await self._run("keep", self._put, self._folder / sound(name), content)

    async def get(self, name: str) -> bytes | None:
        return await self._run("read", self._get, self._folder / sound(name))

    async def delete(self, medium: str) -> None:
        if not is_id(medium):
            raise ValueError(f"{medium!r} is no id")
        await self._run("delete", self._delete, self._folder / medium)

    async def check(self) -> str:
        await self.put(original_name(CHECK), b"check")
        found = await self.get(original_name(CHECK))
        await self.delete(CHECK)
        if found != b"check":
            raise StorageTrouble(f"{self._folder} does not give back what was put into it.")
        return f"{self._folder} takes files and gives them back"

    async def _run(self, what: str, work: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
        try:
            return await asyncio.to_thread(work, *args, **named)
        except OSError as error:
            why = error.strerror or str(error)
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                why = "there is no space left"
            raise StorageTrouble(f"The folder for media cannot {what} a file: {why}.") from error

    def _put(self, path: Path, content: bytes) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Written aside and renamed: nobody ever reads half of it.
        draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(draft, path)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        for folder in (path.parent, path.parent.parent):
            _sync(folder)

    def _get(self, path: Path) -> bytes | None:
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None

    def _delete(self, folder: Path) -> None:
        if folder.exists():
            shutil.rmtree(folder)


def _sync(folder: Path) -> None:
    """What a folder names survives the loss of power."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
