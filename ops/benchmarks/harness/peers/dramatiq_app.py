"""Dramatiq with its RabbitMQ broker; nothing is stored."""

from __future__ import annotations

import os
import sys

import dramatiq
from dramatiq.brokers.rabbitmq import RabbitmqBroker

from .work import PAYLOAD, perform

dramatiq.set_broker(RabbitmqBroker(url=os.environ["AMQP_URL"]))


@dramatiq.actor(queue_name="bench")
def step(number: int, payload: str, call_ms: int) -> None:
    """Nothing, or a wait."""
    perform(call_ms)


if __name__ == "__main__":
    for index in range(int(sys.argv[1])):
        step.send(index, PAYLOAD, int(sys.argv[2]))
    # Without this the last messages may be lost with the connection: nothing confirms them.
    dramatiq.get_broker().close()
