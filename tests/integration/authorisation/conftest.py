"""The world, made once for all of these tests."""

import pytest

from liveblog.web.rate import Rate
from tests.integration.authorisation.world import Made


@pytest.fixture(autouse=True)
def no_throttle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody here comes from one address."""
    monkeypatch.setattr(Rate, "ask", lambda *_: None)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The world, made once."""
    return Made(tmp_path_factory.mktemp("authorisation"))
