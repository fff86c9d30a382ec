"""What axe finds in a page."""

from playwright.async_api import Page

from tests import nodetools

_SETTLE = """
for (const one of document.getAnimations())
  if (one.effect.getComputedTiming().endTime !== Infinity) one.finish();
"""
"""Transitions are brought to their end: a colour on its way to another is none that stays."""


async def faults(page: Page) -> list[str]:
    """What axe finds, a line each."""
    await page.evaluate(_SETTLE)
    result = await page.evaluate(f"(async () => {{ {nodetools.axe()}; return axe.run(); }})()")
    return [
        f"{one['id']}: {node['html'][:160]} {node['any'][0]['message'] if node['any'] else ''}"
        for one in result["violations"]
        for node in one["nodes"]
    ]
