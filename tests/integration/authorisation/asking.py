"""Asking for an address, as somebody, in a blog."""

from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.integration.authorisation.table import PUBLIC, ZERO, Row
from tests.integration.authorisation.world import VISIBILITIES, World, headers_of
from tests.served import Served


class Asking:
    """Asks for an address as everybody, in every blog."""

    def __init__(self, served: Served, world: World, row: Row) -> None:
        self._served = served
        self._world = world
        self.row = row

    def address(self, slug: str, entry: str = "") -> str:
        """The address in a blog; one that is not there has an entry of the draft one."""
        ids = self._world.entries.get(slug) or self._world.entries["draft"]
        return self.row.path.format(
            slug=slug,
            id=entry or ids["editor"]["published"],
            date=self._world.day,
            n=1 if "/pages/" in self.row.path else 99,
            zero=ZERO,
        )

    async def ask(self, who: str, slug: str, entry: str = "") -> tuple[int, str]:
        """Status and text of the answer."""
        shown = headers_of(self._world, who, slug if slug in VISIBILITIES else "draft")
        address = self.address(slug, entry)
        if self.row.method == "WS":
            return await self._join(address, shown | {"Origin": PUBLIC})
        told = shown | ({"Content-Type": self.row.type} if self.row.type else {})
        body = {} if self.row.body is None else {"json": self.row.body}
        request = self._served.http.build_request(self.row.method, address, headers=told, **body)
        answer = await self._served.http.send(request, stream=True)
        text = ""
        if not answer.headers.get("content-type", "").startswith("text/event-stream"):
            text = (await answer.aread()).decode()
        await answer.aclose()
        return answer.status_code, text

    async def _join(self, address: str, shown: dict[str, str]) -> tuple[int, str]:
        try:
            url = f"ws://{self._served.address}{address}"
            async with connect(url, additional_headers=shown):
                return 200, ""
        except InvalidStatus as refused:
            return refused.response.status_code, (refused.response.body or b"").decode()
