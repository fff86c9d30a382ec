"""Writing: each request carries an Idempotency-Key and is repeated until it is answered.

Without a key a writer whose answer was lost has two bad choices, an entry too few or an
entry too many. With one, the server gives the first answer again.
"""

import asyncio
import secrets
from types import TracebackType
from typing import Any, Self

import httpx2

from liveblog.client.answers import (
    COME_BACK,
    TIMEOUT,
    api,
    authorization,
    refusal,
    retry_after,
)
from liveblog.client.backoff import Backoff

AGAIN = COME_BACK - {500}
"""A 500 is an answer: what made the server stumble is likely to be the request itself."""


async def post(
    url: str, slug: str, token: str, entry: dict[str, Any], key: str | None = None
) -> dict[str, Any]:
    """Publish one entry; the entry as the server made it.

    :param key: the Idempotency-Key; give one that survives your own restart if you can.
    :raises Refusal: the server said no, and coming back would not change it.
    """
    async with Writer(url, token) as writer:
        return await writer.post(slug, entry, key)


class Writer:
    """Writes to the blogs of one server over connections that stay open."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url.rstrip("/")
        self._http = httpx2.AsyncClient(headers=authorization(token), timeout=TIMEOUT)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def create_blog(self, blog: dict[str, Any], key: str | None = None) -> dict[str, Any]:
        """Make a blog; needs a token with the scope admin."""
        return await self._send("POST", f"{self._url}/api/v1/blogs", blog, key)

    async def revise_blog(
        self, blog: dict[str, Any], patch: dict[str, Any], key: str | None = None
    ) -> dict[str, Any]:
        """Change a blog's own data, as you last saw them.

        :raises Moved: somebody else changed them since.
        """
        return await self._send("PATCH", api(self._url, blog["slug"]), patch, key, blog["revision"])

    async def post(
        self, slug: str, entry: dict[str, Any], key: str | None = None
    ) -> dict[str, Any]:
        """Publish an entry."""
        return await self._send("POST", f"{api(self._url, slug)}/entries", entry, key)

    async def revise(
        self, entry: dict[str, Any], patch: dict[str, Any], key: str | None = None
    ) -> dict[str, Any]:
        """Change an entry as you last saw it.

        :raises Moved: somebody else changed it since; the error carries it as it is now.
        """
        return await self._send("PATCH", self._entry(entry), patch, key, entry["revision"])

    async def retract(
        self, entry: dict[str, Any], note: str | None = None, key: str | None = None
    ) -> dict[str, Any]:
        """Withdraw an entry; readers see the note. The tombstone."""
        address = f"{self._entry(entry)}/retract"
        return await self._send("POST", address, {"note": note}, key, entry["revision"])

    def _entry(self, entry: dict[str, Any]) -> str:
        return f"{api(self._url, entry['blog'])}/entries/{entry['id']}"

    async def _send(
        self,
        method: str,
        address: str,
        body: dict[str, Any],
        key: str | None,
        revision: int | None = None,
    ) -> dict[str, Any]:
        headers = {"Idempotency-Key": key or secrets.token_urlsafe(18)}
        if revision is not None:
            headers["If-Match"] = f'"r{revision}"'
        backoff = Backoff()
        while True:
            wait = None
            try:
                answer = await self._http.request(method, address, json=body, headers=headers)
            except httpx2.TransportError:
                pass  # answered or not, nobody knows: the key makes the repetition safe
            else:
                if answer.is_success:
                    made: dict[str, Any] = answer.json()
                    return made
                wait = retry_after(answer.headers)
                running = answer.status_code == 409 and wait is not None
                if not running and answer.status_code not in AGAIN:
                    raise refusal(answer)
            await asyncio.sleep(backoff.next(wait))
