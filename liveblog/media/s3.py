"""Files in a bucket of an S3-compatible service."""

from collections.abc import Awaitable
from datetime import timedelta
from typing import Any, TypeVar

from obstore.exceptions import BaseError
from obstore.store import S3Store

from liveblog.errors import StorageTrouble
from liveblog.media.storage import CHECK, original_name, sound
from liveblog.model.ids import is_id

T = TypeVar("T")

ATTEMPT = 20
"""Seconds for one request."""


class S3:
    """See :class:`~liveblog.media.storage.Storage`. A file is sent in one request, so it is
    there whole or not at all.

    :param bucket: it must exist.
    :param prefix: what every name begins with, without slashes around it; may be empty.
    :param endpoint: the address of the service; Amazon's own when empty.
    :param key_id: of the access key. When empty, what the machine has is used: the variables
        ``AWS_…``, or its role.
    """

    def __init__(
        self,
        bucket: str,
        prefix: str = "",
        *,
        endpoint: str = "",
        region: str = "us-east-1",
        key_id: str = "",
        secret: str = "",
    ) -> None:
        given = {"endpoint": endpoint, "access_key_id": key_id, "secret_access_key": secret}
        config: Any = {name: value for name, value in given.items() if value}
        # Amazon wants the bucket in the host's name, the others in the path.
        config |= {"region": region, "virtual_hosted_style_request": not endpoint}
        self._place = f"s3://{bucket}/{prefix}"
        self._store = S3Store(
            bucket,
            prefix=prefix or None,
            config=config,
            client_options={
                "timeout": timedelta(seconds=ATTEMPT),
                "connect_timeout": timedelta(seconds=5),
                "allow_http": endpoint.startswith("http://"),
            },
            retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=ATTEMPT)},
        )

    async def put(self, name: str, content: bytes) -> None:
        put = self._store.put_async(sound(name), content, use_multipart=False)
        try:
            await self._run("keep", put)
        except FileNotFoundError as error:  # the bucket
            raise trouble("keep") from error

    async def get(self, name: str) -> bytes | None:
        async def fetched() -> bytes:
            result = await self._store.get_async(sound(name))
            return bytes(await result.bytes_async())

        try:
            return await self._run("read", fetched())
        except FileNotFoundError:
            return None

    async def delete(self, medium: str) -> None:
        if not is_id(medium):
            raise ValueError(f"{medium!r} is no id")

        async def deleted() -> None:
            names = [
                found["path"] async for part in self._store.list(prefix=medium) for found in part
            ]
            if names:
                await self._store.delete_async(names)

        await self._run("delete", deleted())

    async def check(self) -> str:
        await self.put(original_name(CHECK), b"check")
        found = await self.get(original_name(CHECK))
        await self.delete(CHECK)
        if found != b"check":
            raise StorageTrouble(f"{self._place} does not give back what was put into it.")
        return f"{self._place} takes files and gives them back"

    async def _run(self, what: str, work: Awaitable[T]) -> T:
        try:
            return await work
        except FileNotFoundError:
            raise
        except (BaseError, OSError) as error:
            raise trouble(what) from error


def trouble(what: str) -> StorageTrouble:
    """For whoever asked; where the storage is and what it said is the cause, and no business
    of theirs."""
    return StorageTrouble(f"The storage for media cannot {what} a file now.")
