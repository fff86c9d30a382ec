"""A process that publishes and says each number once it is committed; see test_processes."""

import asyncio
import sys

from liveblog.store import open_store
from tests.integration.store.samples import publish


async def main(url: str, name: str, count: int) -> None:
    """Publish ``count`` entries, each told on a line of its own."""
    store = await open_store(url)
    for n in range(count):
        seq = await store.write(publish(f"{name}-{n}"))
        sys.stdout.write(f"{seq}\n")
        sys.stdout.flush()
    await store.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
