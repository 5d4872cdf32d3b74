"""FastStream with its RabbitMQ broker; nothing is stored."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Any

import uvloop
from faststream import AckPolicy, FastStream
from faststream.rabbit import Channel, RabbitBroker, RabbitQueue

from .work import PAYLOAD, RESULT, count

# Confirms on their way at once.
WINDOW = 500

broker = RabbitBroker(os.environ["AMQP_URL"], apply_types=False, logger=None)
queue = RabbitQueue("bench", durable=True)
application = FastStream(broker, logger=None)


@broker.subscriber(queue, channel=Channel(prefetch_count=256), ack_policy=AckPolicy.NACK_ON_ERROR)
async def step(message: dict[str, Any]) -> str:
    """Nothing, or a wait."""
    if message["call_ms"]:
        await asyncio.sleep(message["call_ms"] / 1000)
    count()
    return RESULT


async def send(total: int, call_ms: int) -> None:
    """Enqueues the tasks, each confirmed."""
    async with RabbitBroker(os.environ["AMQP_URL"], logger=None) as publisher:
        await publisher.declare_queue(queue)

        async def lane(first: int) -> None:
            for number in range(first, total, WINDOW):
                await publisher.publish(
                    {"number": number, "payload": PAYLOAD, "call_ms": call_ms}, queue="bench", persist=True)

        await asyncio.gather(*(lane(first) for first in range(WINDOW)))


if __name__ == "__main__":
    if sys.argv[1] == "worker":
        uvloop.run(application.run())
    else:
        uvloop.run(send(int(sys.argv[1]), int(sys.argv[2])))
