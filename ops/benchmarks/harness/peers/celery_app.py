"""Celery, with results in PostgreSQL if BENCH_RESULTS is 1."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor

from celery import Celery

from .work import PAYLOAD, perform

WITH_RESULTS = os.environ.get("BENCH_RESULTS") == "1"
SENDERS = 4

app = Celery("bench", broker=os.environ["AMQP_URL"])
app.conf.update(
    result_backend=f"db+postgresql+psycopg2://{os.environ['DATABASE_URL'].split('://', 1)[1]}"
    if WITH_RESULTS
    else None,
    task_ignore_result=not WITH_RESULTS,
    task_acks_late=True,
    task_default_delivery_mode="persistent",
    broker_transport_options={"confirm_publish": WITH_RESULTS},
    broker_pool_limit=SENDERS,
    worker_prefetch_multiplier=64,
    worker_send_task_events=False,
    task_send_sent_event=False,
    task_serializer="json",
    result_serializer="json",
    accept_content=["json"],
    database_short_lived_sessions=False,
    result_expires=None,
    worker_hijack_root_logger=False,
)


@app.task(name="step")
def step(number: int, payload: str, call_ms: int) -> str:
    """Nothing, or a wait."""
    return perform(call_ms)


def send(share: range, call_ms: int) -> None:
    """Enqueues a share of the tasks over one connection."""
    with app.producer_or_acquire() as producer:
        for number in share:
            step.apply_async((number, PAYLOAD, call_ms), producer=producer)


if __name__ == "__main__":
    total, milliseconds = int(sys.argv[1]), int(sys.argv[2])
    with ThreadPoolExecutor(SENDERS) as pool:
        list(pool.map(lambda first: send(range(first, total, SENDERS), milliseconds), range(SENDERS)))
