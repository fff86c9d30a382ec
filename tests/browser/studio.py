"""The desk for tests: a server, people, and a page of the desk that a person has opened."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page

from liveblog.model.people import Role
from tests import nodetools
from tests.browser.conftest import keep
from tests.kit import SLUG
from tests.people import enter, person, session
from tests.served import Served

DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


@asynccontextmanager
async def desk(
    served: Served,
    browser: Browser,
    complaints: list[str],
    role: Role = "editor",
    *,
    name: str = "Ada",
    place: str = "",
    **context: Any,
) -> AsyncIterator[Page]:
    """A page of the blog's desk, opened by somebody new who has this role on the blog."""
    who = await person(served.actions, role, SLUG, name=name)
    opened: BrowserContext = await browser.new_context(**{"viewport": DESKTOP, **context})
    await enter(opened, served.url, await session(served.actions, who))
    page = await opened.new_page()
    keep(page, complaints)
    await page.goto(f"{served.url}/studio/{SLUG}#/{place}")
    yield page
    await opened.close()


async def faults(page: Page) -> list[str]:
    """What axe finds, a line each."""
    result = await page.evaluate(f"(async () => {{ {nodetools.axe()}; return axe.run(); }})()")
    return [
        f"{one['id']}: {node['html'][:120]} {node['any'][0]['message'] if node['any'] else ''}"
        for one in result["violations"]
        for node in one["nodes"]
    ]
