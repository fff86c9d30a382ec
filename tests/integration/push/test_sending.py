"""How messages are sent: what does not work is tried again, and holds up no other."""

import asyncio
import logging
from datetime import timedelta

import pytest
from httpcore2 import ConnectError

from liveblog.guard import Guard
from liveblog.push import Keys, PushServices, Vapid
from liveblog.wire.links import Links
from tests.integration.push.desk import BASE, KEY, NOON, Desk
from tests.kit import SLUG
from tests.push import HANG, Browser
from workers import push
from workers.push import KEPT, LIFE, Pusher, forget


@pytest.mark.parametrize("status", [404, 410])
async def test_a_browser_that_is_gone_is_forgotten(desk: Desk, status: int) -> None:
    await desk.subscribe("/gone")
    await desk.subscribe("/here")
    desk.service.answers["/gone"] = [status]
    await desk.publish()
    assert len(await desk.work()) == 2
    await desk.publish(headline="Another")
    assert [one.path for one in await desk.work(60)] == ["/here"]
    blog = await desk.store.read(lambda tx: tx.blog(SLUG))
    assert blog is not None
    assert await desk.store.read(lambda tx: tx.count_subscriptions(blog.id)) == 1


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_what_was_not_taken_is_sent_again_after_a_growing_pause(
    desk: Desk, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    await desk.subscribe()
    desk.service.answers["/1"] = [status, status]
    await desk.publish()
    assert len(await desk.work()) == 1
    assert await desk.work(4.9) == []
    assert len(await desk.work(0.1)) == 1
    assert await desk.work(9.9) == []
    assert len(await desk.work(0.1)) == 1
    assert await desk.work(3600) == []
    assert f"it answered {status}" in caplog.text


async def test_the_service_says_when_to_come_back(desk: Desk) -> None:
    await desk.subscribe()
    desk.service.answers["/1"] = [429]
    desk.service.extra = "Retry-After: 120\r\n"
    await desk.publish()
    await desk.work()
    assert await desk.work(119) == []
    assert len(await desk.work(1)) == 1


async def test_it_is_given_up_when_it_is_no_news_any_more(desk: Desk) -> None:
    await desk.subscribe()
    desk.service.answers["/1"] = [503] * 100
    await desk.publish()
    sent = [len(await desk.work(700)) for _ in range(40)]
    assert sum(sent) == push.ATTEMPTS
    assert sent[-1] == 0
    desk.service.answers.clear()
    await desk.publish(headline="A new day")
    assert [one["title"] for one in await desk.said(1)] == ["A new day"]


async def test_a_worker_that_was_away_tells_no_old_news(desk: Desk) -> None:
    await desk.subscribe()
    desk.service.answers["/1"] = [503]
    await desk.publish()
    await desk.work()
    assert await desk.work(LIFE.total_seconds()) == []


async def test_a_service_that_refuses_is_not_asked_again(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    await desk.subscribe()
    desk.service.answers["/1"] = [403]
    await desk.publish()
    assert len(await desk.work()) == 1
    assert await desk.work(3600) == []
    assert "1 push messages were not taken: it answered 403" in caplog.text


async def test_one_that_hangs_holds_up_no_other(desk: Desk) -> None:
    desk.services = desk.connect(timeout=5)
    await desk.subscribe("/slow")
    await desk.subscribe("/2")
    desk.service.answers["/slow"] = [HANG]
    await desk.publish()
    assert {one.path for one in await desk.work()} == {"/slow", "/2"}
    assert [one.path for one in await desk.work(5)] == ["/slow"]


async def test_an_address_that_is_none_holds_up_no_other(desk: Desk) -> None:
    """No name has a label of 70 characters; looking it up is an error of another kind."""
    desk.browsers["/none"] = Browser(f"https://{'a' * 70}.localhost/none")
    await desk.subscribe("/none")
    await desk.subscribe("/2")
    await desk.publish()
    assert [one.path for one in await desk.work()] == ["/2"]
    assert await desk.work(3600) == []


async def test_whatever_goes_wrong_with_one_holds_up_no_other(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    class Odd(PushServices):
        async def send(self, endpoint: str, keys: Keys, message: bytes, **about: str) -> None:
            if endpoint.endswith("/odd"):
                raise RuntimeError("never seen before")
            await super().send(endpoint, keys, message, **about)

    desk.services = Odd(
        Vapid(KEY, "mailto:a@n.example"), allowed=lambda _: True, trust=desk.service.trust
    )
    await desk.subscribe("/odd")
    await desk.subscribe("/2")
    await desk.publish()
    assert [one.path for one in await desk.work()] == ["/2"]
    assert await desk.work(3600) == []
    assert "never seen before" in caplog.text


async def test_a_redirect_is_not_followed(desk: Desk) -> None:
    await desk.subscribe()
    desk.service.answers["/1"] = [307]
    desk.service.extra = f"Location: {desk.service.url}/other\r\n"
    await desk.publish()
    assert [one.path for one in await desk.work()] == ["/1"]


async def test_an_address_of_our_own_network_is_never_called(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """The name is a good one, and what it means is 127.0.0.1."""
    desk.services = PushServices(Vapid(KEY, "mailto:a@n.example"), trust=desk.service.trust)
    await desk.subscribe()
    await desk.publish()
    assert await desk.work() == []
    assert "localhost is no public address" in caplog.text


async def test_where_one_address_does_not_answer_the_next_is_tried(desk: Desk) -> None:
    """As with IPv6 that leads nowhere."""

    class Two(Guard):
        async def addresses(self, host: str, port: int, timeout: float | None) -> list[str]:
            return ["::1", *await super().addresses(host, port, timeout)]

    port = int(desk.service.url.rpartition(":")[2])
    stream = await Two(lambda _: True).connect_tcp("localhost", port, 5)
    await stream.aclose()
    with pytest.raises(ConnectError):
        await Two(lambda _: True).connect_tcp("localhost", 1, 5)


async def test_two_workers_send_nothing_twice(desk: Desk) -> None:
    for n in range(5):
        await desk.subscribe(f"/{n}")
    await desk.publish()
    workers = [Pusher(desk.services, Links(BASE)) for _ in range(4)]
    for _ in range(3):
        await asyncio.gather(*(worker(desk.actions, desk.now) for worker in workers))
    assert sorted(one.path for one in desk.service.came) == [f"/{n}" for n in range(5)]


async def test_what_a_worker_that_died_had_claimed_is_sent(desk: Desk) -> None:
    await desk.subscribe()
    await desk.publish()

    class Died(BaseException): ...

    class Dying(PushServices):
        async def send(self, endpoint: str, keys: Keys, message: bytes, **about: str) -> None:
            raise Died

    with pytest.raises(Died):
        await Pusher(Dying(Vapid(KEY, "")), Links(BASE))(desk.actions, desk.now)
    assert await desk.work(59) == []
    assert len(await desk.work(1)) == 1


async def test_what_was_told_is_forgotten_after_days(desk: Desk) -> None:
    await desk.subscribe()
    entry = await desk.publish()
    await desk.work()
    assert await forget(desk.actions, NOON + KEPT) == 0
    assert await forget(desk.actions, NOON + KEPT + timedelta(seconds=1)) == 1
    await desk.retract(entry)
    assert await desk.work(KEPT.total_seconds()) == []


def test_without_a_contact_there_is_no_job(caplog: pytest.LogCaptureFixture) -> None:
    from liveblog.config import Settings

    caplog.set_level(logging.INFO)
    assert push.jobs(Settings()) == []
    assert "no push messages" in caplog.text
    names = [job.name for job in push.jobs(Settings(push_contact="mailto:a@b.c", push_key=KEY))]
    assert names == ["push", "push: forget"]
