"""Half as many requests after a rate limit, slowly more afterwards, never above the most."""

from __future__ import annotations

import asyncio

from streamit.llm.throttle import Throttle


def test_a_rate_limit_halves_once_for_all_requests_of_a_round():
    async def run() -> list[int]:
        throttle = Throttle(16)
        limits = []
        async with throttle.slot() as first, throttle.slot() as second:
            for round_ in (first, second):
                throttle.slow_down(round_, 0.0)
                limits.append(throttle.limit)
        async with throttle.slot() as later:
            throttle.slow_down(later, 0.0)
        return [*limits, throttle.limit]

    assert asyncio.run(run()) == [8, 8, 4]


def test_one_request_always_remains():
    async def run() -> int:
        throttle = Throttle(2)
        for _ in range(5):
            async with throttle.slot() as round_:
                throttle.slow_down(round_, 0.0)
        return throttle.limit

    assert asyncio.run(run()) == 1


def test_replies_bring_back_one_slot_at_a_time_up_to_the_most():
    async def run() -> list[int]:
        throttle = Throttle(4)
        async with throttle.slot() as round_:
            throttle.slow_down(round_, 0.0)
        limits = []
        for _ in range(20):
            throttle.speed_up()
            limits.append(throttle.limit)
        return limits

    limits = asyncio.run(run())
    assert limits == sorted(limits)
    assert (limits[0], limits[-1]) == (2, 4)


def test_no_more_run_at_once_than_there_are_slots():
    async def run() -> int:
        throttle = Throttle(3)
        busy = most = 0

        async def work() -> None:
            nonlocal busy, most
            async with throttle.slot():
                busy += 1
                most = max(most, busy)
                await asyncio.sleep(0)
                busy -= 1

        await asyncio.gather(*(work() for _ in range(50)))
        return most

    assert asyncio.run(run()) == 3


def test_nobody_sends_during_a_pause():
    async def run() -> bool:
        throttle = Throttle(2)
        loop = asyncio.get_running_loop()
        async with throttle.slot() as round_:
            throttle.slow_down(round_, 0.05)
        resume_s = loop.time() + 0.04
        async with throttle.slot():
            return loop.time() >= resume_s

    assert asyncio.run(run())


def test_a_slot_is_free_again_after_its_request_was_cancelled():
    async def run() -> int:
        throttle = Throttle(1)

        async def hang() -> None:
            async with throttle.slot():
                await asyncio.sleep(60)

        task = asyncio.create_task(hang())
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        async with throttle.slot():
            return throttle.limit

    assert asyncio.run(run()) == 1
