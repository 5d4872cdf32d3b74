"""What each number promises: a rate without its contract says nothing."""

from __future__ import annotations

_FLEET = (
    "task and 18 steps per task are rows with fsync; each step has a confirmed ticket, a claim with lease, a "
    "schema-checked answer stored once, its call in a ledger, the release of its children, events; ticket acknowledged "
    "after the commit"
)
_FLEET_CHAIN = "as durable_steps_per_second; tasks of one subtask: 8 steps, each the only child of the one before"

_SYSTEMS = {
    "mixmyai": _FLEET,
    "celery": (
        "task is a persistent message, confirmed; acknowledged after its result is a committed row in PostgreSQL; no "
        "ledger, no children, no lease; prefork 2 (10 ms: 8), prefetch 64 per process, 4 sender threads"
    ),
    "celery_no_results": (
        "task is a persistent message, not confirmed; acknowledged after it ran; nothing is stored; prefork 2 "
        "(10 ms: 64 threads), prefetch 64 per process, 4 sender threads"
    ),
    "dramatiq": (
        "task is a persistent message, not confirmed; acknowledged after it ran; nothing is stored; 2 processes of 8 "
        "threads (10 ms: 32)"
    ),
    "faststream": (
        "task is a persistent message, confirmed, 500 on their way; acknowledged after it ran; nothing is stored; 2 "
        "processes, uvloop, prefetch 256"
    ),
    "c_floor": (
        "C on librabbitmq, no work: a persistent 512 B message, confirmed (window 1000) in one process, acknowledged "
        "in another (prefetch 100, several at once)"
    ),
}

_TRANSPORT = {
    "mixmyai": (
        "AMQPClient: persistent 512 B, each confirmed, window 1000; prefetch 100, acknowledged; classic durable queue"
    ),
    "c_floor": "C on librabbitmq: the same messages, window, prefetch and queue",
}

# Compared between systems.
RATES = ("durable_steps_per_second", "durable_steps_per_second_10ms", "publish_per_second", "consume_per_second")

# Measures in the order of the report, with their unit and what they say; those made of sizes follow by name.
MEASURES: dict[str, tuple[str, str]] = {
    "durable_steps_per_second": ("1/s", "steps (tasks of the peers) enqueued and worked off, call takes no time"),
    "durable_steps_per_second_10ms": ("1/s", "the same with a call of 10 ms"),
    "publish_per_second": ("1/s", "messages published and confirmed"),
    "consume_per_second": ("1/s", "messages consumed and acknowledged"),
    "first_call_idle_p50_ms": ("ms", "submission to first call, idle"),
    "first_call_idle_p99_ms": ("ms", "submission to first call, idle"),
    "child_release_idle_p50_ms": ("ms", "end of a parent's call to start of its child's, idle"),
    "child_release_idle_p99_ms": ("ms", "end of a parent's call to start of its child's, idle"),
    "first_call_half_load_p50_ms": ("ms", "submission to first call, at half the saturated rate"),
    "first_call_half_load_p99_ms": ("ms", "submission to first call, at half the saturated rate"),
    "child_release_half_load_p50_ms": (
        "ms",
        "end of a parent's call to start of its child's, at half the saturated rate",
    ),
    "child_release_half_load_p99_ms": (
        "ms",
        "end of a parent's call to start of its child's, at half the saturated rate",
    ),
    **{
        f"child_release_{load}_{stage}_p50_ms": ("ms", what)
        for load in ("idle", "half_load")
        for stage, what in (
            ("until_settle", "of that, until the parent's settlement begins"),
            ("until_advance", "then until its task's advance begins"),
            ("until_dispatch", "then until the child's dispatch begins"),
            ("until_claim", "then until the child's claim begins"),
            ("until_call", "then until the child's call"),
        )
    },
    "commits_per_step": ("", "transactions at PostgreSQL, at saturation"),
    "round_trips_per_step": ("", "batches of statements sent to PostgreSQL (TCP data segments, so an upper bound)"),
    "wal_bytes_per_step": ("B", "write-ahead log, at saturation"),
    "payload_bytes_per_step": ("B", "texts that the rows of a step hold: answers, inputs, events, interactions"),
    "wal_bytes_beyond_payload_per_step": ("B", "write-ahead log less payload"),
    "broker_messages_per_step": ("", "messages published to the broker"),
    "cpu_us_per_step": ("us", "processor time of all processes together"),
    "cpu_us_per_step_scheduler": ("us", ""),
    "cpu_us_per_step_worker": ("us", ""),
    "cpu_us_per_step_postgres": ("us", ""),
    "cpu_us_per_step_rabbitmq": ("us", ""),
    "cpu_us_per_step_redis": ("us", ""),
    "call_cpu_us_stream": ("us", "processor time of the caller per streamed call, 64 in flight"),
    "call_cpu_us_plain": ("us", "processor time of the caller per call without streaming, 64 in flight"),
    "call_latency_p50_ms_stream": ("ms", "one streamed call after another"),
    "call_latency_p50_ms_plain": ("ms", "one call without streaming after another"),
    "added_cpu_us_per_call": ("us", "beyond the C program's, streamed"),
    "added_latency_ms_per_call": ("ms", "beyond the C program's median, streamed"),
}


def contract(system: str, measure: str) -> str:
    """What a row's number promises."""
    if measure.startswith("durable_steps_per_second"):
        return _SYSTEMS[system]
    if measure in ("publish_per_second", "consume_per_second"):
        return _TRANSPORT[system]
    if measure.startswith(("first_call_", "child_release_")):
        return _FLEET_CHAIN
    if measure.startswith(("call_", "added_")):
        if system == "c_floor":
            return "libcurl multi in C, the same request to the same C server, answer not looked at"
        return "ProviderCaller: request built from its parts, stream parsed, closing event required; always streams"
    if measure.startswith(("memory_", "calls_in_flight")):
        return "one production worker; every call is a claimed step with its own connection, waiting for its answer"
    if measure.startswith("backlog_"):
        return f"{_FLEET}; beside waiting steps of the same queue"
    if measure.startswith("limit_"):
        return (
            "production workers against the provider twin; every call reserves requests and tokens in one shared window"
        )
    return _FLEET


def unit(measure: str) -> str:
    """Of a measure's numbers."""
    if measure in MEASURES:
        return MEASURES[measure][0]
    for ending, name in (
        ("_ms", "ms"), ("_mb", "MB"), ("_percent", "%"), ("_per_second", "1/s"), ("_bytes", "B")
    ):
        if measure.endswith(ending):
            return name
    return ""
