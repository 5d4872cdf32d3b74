"""Checks a running provider twin with the official Python SDKs.

Needs Python 3.10 or later and `pip install openai anthropic` (checked with openai 3.57.0 and anthropic 2.14.0).
Start the twin with `provider-twin --port 8900 --seed 7`, then run `python sdk_check.py http://127.0.0.1:8900`.
Ends with exit code 0 when every check holds. Changes the twin's settings and resets its counters.
"""

import json
import sys
import time
import urllib.request

import anthropic
import openai
from pydantic import BaseModel

BASE = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8900"
OPENAI_MODEL = "gpt-6-luna"
CLAUDE_MODEL = "claude-haiku-5-5"
passed = 0


class Requirement(BaseModel):
    id: str
    text: str
    level: str
    check: str


class TaskAnalysis(BaseModel):
    summary: str
    domain: str
    keywords: list[str]
    required_capabilities: list[str]
    complexity: str
    language: str
    requirements: list[Requirement]
    constraints: list[str]
    open_questions: list[str]


class Event(BaseModel):
    """A schema the twin does not know."""

    name: str
    participants: list[str]
    place: str | None
    year: int


def check(condition, what):
    global passed
    if not condition:
        raise SystemExit(f"FAILED: {what}")
    passed += 1


def control(**settings):
    request = urllib.request.Request(
        BASE + "/twin/control", data=json.dumps(settings).encode(), method="POST"
    )
    return json.load(urllib.request.urlopen(request))


def stats():
    return json.load(urllib.request.urlopen(BASE + "/twin/stats"))


def prompt(number=0):
    return (
        f'<task id="task_{number}"><title>Solar heat &amp; storage {number}</title>'
        "<description>Analyse the market in three regions. Estimate the cost of each option. "
        "The plan must stay within a small budget.</description></task>"
    )


def tokens(*texts):
    return (len("\n".join(texts).encode()) + 3) // 4


def bill():
    lines = urllib.request.urlopen(BASE + "/twin/bill").read().decode().splitlines()
    return [json.loads(line) for line in lines]


def raises(kind, call, status, what):
    try:
        call()
    except kind as error:
        check(error.status_code == status, f"{what}: status {error.status_code}")
        return error
    raise SystemExit(f"FAILED: {what}: no error")


def strict(schema):
    schema["additionalProperties"] = False
    for part in schema.get("$defs", {}).values():
        part["additionalProperties"] = False
    return schema


ai = openai.OpenAI(api_key="test-key", base_url=BASE + "/v1", max_retries=0)
claude = anthropic.Anthropic(api_key="test-key", base_url=BASE, max_retries=0)
ANALYSIS = strict(TaskAnalysis.model_json_schema())
FORMAT = {"type": "json_schema", "name": "task_analysis", "schema": ANALYSIS, "strict": True}
CHAT_FORMAT = {"type": "json_schema", "json_schema": {"name": "task_analysis", "schema": ANALYSIS, "strict": True}}
CLAUDE_FORMAT = {"format": {"type": "json_schema", "schema": {**ANALYSIS, "title": "task_analysis"}}}


def responses_api():
    total = tokens("Be brief.", prompt())
    for number in range(8):
        reply = ai.responses.create(
            model=OPENAI_MODEL, instructions="Be brief.", input=prompt(number), text={"format": FORMAT}, store=False
        )
        analysis = TaskAnalysis.model_validate_json(reply.output_text)
        check(analysis.requirements[0].id == "R1" and "&" in analysis.summary, "responses: answer from the prompt")
        check(reply.status == "completed" and reply.usage.input_tokens == total, "responses: status and usage")
        check(reply.usage.output_tokens == tokens(reply.output_text), "responses: output tokens")
        names = []
        with ai.responses.stream(
            model=OPENAI_MODEL, instructions="Be brief.", input=prompt(number), text={"format": FORMAT}
        ) as stream:
            for event in stream:
                names.append(event.type)
            final = stream.get_final_response()
        check(names[0] == "response.created" and names[-1] == "response.completed", "responses: event order")
        check(final.output_text == reply.output_text, "responses: stream and whole agree")
        check(final.usage.total_tokens == reply.usage.total_tokens, "responses: stream usage")
        raw = ai.responses.create(model=OPENAI_MODEL, input=prompt(number), stream=True)
        numbers = [event.sequence_number for event in raw]
        check(numbers == list(range(len(numbers))), "responses: sequence numbers")
    parsed = ai.responses.parse(model=OPENAI_MODEL, input="Make an event", text_format=Event)
    check(isinstance(parsed.output_parsed, Event), "responses: parse helper, unknown schema")
    cut = ai.responses.create(model=OPENAI_MODEL, input=prompt(), text={"format": FORMAT}, max_output_tokens=16)
    check(cut.status == "incomplete" and cut.incomplete_details.reason == "max_output_tokens", "responses: cut")
    check(cut.usage.output_tokens == 16, "responses: cut usage")


def chat_api():
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": prompt()}]
    reply = ai.chat.completions.create(model=OPENAI_MODEL, messages=messages, response_format=CHAT_FORMAT)
    content = reply.choices[0].message.content
    TaskAnalysis.model_validate_json(content)
    check(reply.choices[0].finish_reason == "stop", "chat: finish reason")
    check(reply.usage.prompt_tokens == tokens("Be brief.", prompt()), "chat: prompt tokens")
    check(reply.usage.completion_tokens == tokens(content), "chat: completion tokens")
    text, usage = "", None
    for chunk in ai.chat.completions.create(
        model=OPENAI_MODEL, messages=messages, response_format=CHAT_FORMAT, stream=True,
        stream_options={"include_usage": True},
    ):
        usage = chunk.usage or usage
        for choice in chunk.choices:
            text += choice.delta.content or ""
    check(text == content and usage.total_tokens == reply.usage.total_tokens, "chat: stream and whole agree")
    with ai.chat.completions.stream(model=OPENAI_MODEL, messages=messages, response_format=Event) as stream:
        stream.until_done()
        check(stream.get_final_completion().choices[0].message.parsed is not None, "chat: stream helper")
    parsed = ai.chat.completions.parse(model=OPENAI_MODEL, messages=messages, response_format=Event)
    check(isinstance(parsed.choices[0].message.parsed, Event), "chat: parse helper")
    cut = ai.chat.completions.create(model=OPENAI_MODEL, messages=messages, max_completion_tokens=5)
    check(cut.choices[0].finish_reason == "length" and cut.usage.completion_tokens == 5, "chat: cut")


def messages_api():
    seen = set()
    for number in range(16):
        call = dict(
            model=CLAUDE_MODEL, max_tokens=4000, system="Be brief.", output_config=CLAUDE_FORMAT,
            messages=[{"role": "user", "content": prompt(number)}],
        )
        reply = claude.messages.create(**call)
        seen.update(block.type for block in reply.content)
        text = next(block.text for block in reply.content if block.type == "text")
        TaskAnalysis.model_validate_json(text)
        check(reply.stop_reason == "end_turn", "messages: stop reason")
        check(reply.usage.output_tokens == tokens(text), "messages: output tokens")
        with claude.messages.stream(**call) as stream:
            streamed = "".join(stream.text_stream)
            final = stream.get_final_message()
        check(streamed == text, "messages: stream and whole agree")
        check(final.usage.output_tokens == tokens(text), "messages: stream usage")
        check(final.usage.input_tokens == reply.usage.input_tokens, "messages: stream input usage")
        events = [event.type for event in claude.messages.create(**call, stream=True)]
        check(events[0] == "message_start" and events[-1] == "message_stop", "messages: event order")
    check(seen == {"thinking", "text"}, "messages: thinking blocks occur")
    schema = json.dumps({**ANALYSIS, "title": "task_analysis"})
    plain = claude.messages.create(
        model=CLAUDE_MODEL, max_tokens=4000, system="Answer in JSON: " + schema,
        messages=[{"role": "user", "content": prompt()}],
    )
    text = next(block.text for block in plain.content if block.type == "text")
    TaskAnalysis.model_validate_json(text)
    parsed = claude.messages.parse(
        model=CLAUDE_MODEL, max_tokens=4000, messages=[{"role": "user", "content": "x"}], output_format=Event
    )
    check(isinstance(parsed.parsed_output, Event), "messages: parse helper")
    cut = claude.messages.create(model=CLAUDE_MODEL, max_tokens=5, messages=call["messages"])
    check(cut.stop_reason == "max_tokens" and cut.usage.output_tokens == 5, "messages: cut")


def forms():
    """Prompts in blocks, effort, service tier and caching, as the SDKs type them."""
    blocks = [{"type": "input_text", "text": prompt()}, {"type": "input_text", "text": "x" * 6000}]
    call = dict(
        model=OPENAI_MODEL, text={"format": FORMAT}, reasoning={"effort": "low"}, service_tier="flex", store=False,
        prompt_cache_key=f"sdk-{time.time()}",
        input=[
            {"role": "developer", "content": [{"type": "input_text", "text": "Be brief."}]},
            {"role": "user", "content": blocks},
        ],
    )
    total = tokens("Be brief.", prompt(), "x" * 6000)
    for read, written in ((0, total // 128 * 128), (total // 128 * 128, 0)):
        reply = ai.responses.create(**call)
        usage = reply.usage
        check(usage.input_tokens == total, "forms: blocks count as one text")
        check(usage.input_tokens_details.cached_tokens == read, "forms: cached tokens")
        check(getattr(usage.input_tokens_details, "cache_write_tokens", written) == written, "forms: written tokens")
        visible = tokens(reply.output_text)
        check(usage.output_tokens_details.reasoning_tokens == (visible * 25 + 99) // 100, "forms: reasoning tokens")
        check(usage.output_tokens == visible + usage.output_tokens_details.reasoning_tokens, "forms: output tokens")
        check(reply.service_tier == "flex", "forms: tier of responses")
        line = bill()[-1]
        check((line["cache_read_tokens"], line["cache_write_tokens"]) == (read, written), "forms: bill of the cache")
        check(line["billed"] and line["output_tokens"] == usage.output_tokens, "forms: bill of the output")
    messages = [{"role": "user", "content": prompt()}]
    chat = ai.chat.completions.create(
        model=OPENAI_MODEL, messages=messages, response_format=CHAT_FORMAT, reasoning_effort="medium", service_tier="flex"
    )
    reasoning = chat.usage.completion_tokens_details.reasoning_tokens
    check(reasoning == (tokens(chat.choices[0].message.content) * 40 + 99) // 100, "forms: reasoning tokens of chat")
    check(chat.service_tier == "flex", "forms: tier of chat")
    reply = claude.messages.create(
        model=CLAUDE_MODEL, max_tokens=4000, system=[{"type": "text", "text": "Be brief."}],
        messages=[{"role": "user", "content": [{"type": "text", "text": prompt()}, {"type": "text", "text": "y"}]}],
        output_config={**CLAUDE_FORMAT, "effort": "low"},
    )
    text = next(block.text for block in reply.content if block.type == "text")
    check(reply.usage.input_tokens == tokens("Be brief.", prompt(), "y"), "forms: blocks of messages")
    check(reply.usage.output_tokens == tokens(text) + (tokens(text) * 25 + 99) // 100, "forms: thinking is output")
    check(reply.usage.output_tokens_details.thinking_tokens == (tokens(text) * 25 + 99) // 100, "forms: thinking told")
    check(reply.usage.service_tier == "standard", "forms: tier of messages")
    check(stats()["billed_micro_usd"] == sum(line["micro_usd"] for line in bill()), "forms: the bill adds up")


def ask_openai():
    return ai.responses.create(model=OPENAI_MODEL, input=prompt())


def ask_claude(**extra):
    settings = dict(model=CLAUDE_MODEL, max_tokens=100, messages=[{"role": "user", "content": prompt()}])
    return claude.messages.create(**{**settings, **extra})


def errors():
    raises(openai.NotFoundError, lambda: ai.responses.create(model="missing-x", input="x"), 404, "openai: 404")
    raises(anthropic.NotFoundError, lambda: ask_claude(model="missing-x"), 404, "anthropic: 404")
    sample = {"temperature": 0.2}
    raises(anthropic.BadRequestError, lambda: ask_claude(extra_body=sample), 400, "anthropic: temperature")
    forced = {"tool_choice": {"type": "any"}}
    raises(anthropic.BadRequestError, lambda: ask_claude(extra_body=forced), 400, "anthropic: forced tool")
    expected = {
        "rate_limit": ((openai.RateLimitError, 429), (anthropic.RateLimitError, 429)),
        "overloaded": ((openai.InternalServerError, 503), (anthropic.APIStatusError, 529)),
        "server_error": ((openai.InternalServerError, 500), (anthropic.InternalServerError, 500)),
        "quota_exhausted": ((openai.RateLimitError, 429), (anthropic.RateLimitError, 429)),
    }
    for fault, ((openai_kind, openai_status), (claude_kind, claude_status)) in expected.items():
        control(faults={fault: 1})
        error = raises(openai_kind, ask_openai, openai_status, f"openai: {fault}")
        check(error.request_id and error.type, f"openai: {fault} has id and type")
        check(("retry-after" in error.response.headers) == (fault in ("rate_limit", "overloaded")), f"openai: {fault}")
        if fault == "quota_exhausted":
            check(error.type == "insufficient_quota", "openai: quota type")
        error = raises(claude_kind, ask_claude, claude_status, f"anthropic: {fault}")
        check(error.body["error"]["type"] and error.request_id, f"anthropic: {fault} has id and type")
        if fault == "quota_exhausted":
            check("retry-after" not in error.response.headers, "anthropic: no retry-after")
            code = error.body["error"]["details"]["error_code"]
            check(code == "enforced_spend_limit_reached", "anthropic: spend limit")


def strictness():
    """What the providers refuse is refused, and the SDKs raise their own exceptions."""
    messages = [{"role": "user", "content": "x"}]
    bad = openai.BadRequestError
    for call, param, code in [
        (lambda: ai.responses.create(model=OPENAI_MODEL, input="x", extra_body={"foo": 1}), "foo", "unknown_parameter"),
        (lambda: ai.responses.create(model=OPENAI_MODEL, input="x", temperature=0.2), "temperature", "unsupported_parameter"),
        (lambda: ai.responses.create(model=OPENAI_MODEL, input="x", max_output_tokens=2), "max_output_tokens",
         "integer_below_min_value"),
        (lambda: ai.responses.create(model=OPENAI_MODEL, input=[{"type": "thought", "text": "x"}]), "input[0].type",
         "invalid_value"),
        (lambda: ai.responses.create(model=OPENAI_MODEL, input=[{"role": "user", "content": [{"type": "text", "text": "x"}]}]),
         "input[0].content[0].type", "invalid_value"),
        (lambda: ai.responses.create(model=OPENAI_MODEL, input="x", text={"format": {"type": "json_schema", "name": "x"}}),
         "text.format.schema", "missing_required_parameter"),
        (lambda: ai.chat.completions.create(model=OPENAI_MODEL, messages=messages, max_tokens=5), "max_tokens",
         "unsupported_parameter"),
        (lambda: ai.chat.completions.create(model=OPENAI_MODEL, messages=[{"role": "robot", "content": "x"}]),
         "messages[0].role", "invalid_value"),
        (lambda: ai.chat.completions.create(model=OPENAI_MODEL, messages=messages, temperature=0.2), "temperature",
         "unsupported_value"),
        (lambda: ai.chat.completions.create(model=OPENAI_MODEL, messages=messages,
                                            response_format={"type": "json_schema", "json_schema": {"name": "a b"}}),
         "response_format.json_schema.name", "invalid_value"),
    ]:
        error = raises(bad, call, 400, f"openai: {param}")
        check((error.param, error.code) == (param, code), f"openai: {param}: {error.param} {error.code}")
        check(error.type == "invalid_request_error", f"openai: type for {param}")
    for name in ("gpt-4", "o3", CLAUDE_MODEL, "nothing"):
        error = raises(openai.NotFoundError, lambda: ai.responses.create(model=name, input="x"), 404, f"openai: {name}")
        check(error.code == "model_not_found", f"openai: code for {name}")
    raises(openai.NotFoundError, lambda: ai.models.retrieve("gpt-4"), 404, "openai: retrieve")
    stranger = openai.OpenAI(api_key="invalid-key", base_url=BASE + "/v1", max_retries=0)
    error = raises(openai.AuthenticationError, lambda: stranger.models.list(), 401, "openai: wrong key for models")
    error = raises(openai.AuthenticationError, lambda: stranger.responses.create(model=OPENAI_MODEL, input="x"), 401, "openai: key")
    check(error.code == "invalid_api_key", "openai: code of a wrong key")
    lost = openai.OpenAI(api_key="k", base_url=BASE, max_retries=0)
    raises(openai.NotFoundError, lambda: lost.responses.create(model=OPENAI_MODEL, input="x"), 404, "openai: base without /v1")
    bad = anthropic.BadRequestError
    for extra, words in [
        (dict(extra_body={"foo": 1}), "foo: Extra inputs are not permitted"),
        (dict(max_tokens=0), "max_tokens: "), (dict(max_tokens=200_000, stream=True), "max_tokens: 200000 > 128000"),
        (dict(messages=[]), "at least one message"),
        (dict(messages=[{"role": "robot", "content": "x"}]), "messages.0.role: "),
        (dict(messages=[{"role": "user", "content": [{"type": "input_text", "text": "x"}]}]), "messages.0.content.0: "),
        (dict(extra_body={"top_k": 5}), "top_k"), (dict(extra_body={"output_config": {"effort": "none"}}), "output_config.effort: "),
        (dict(extra_body={"output_config": {"format": {"type": "json_schema", "schema": {"type": "object"}}}}),
         "output_config.format.schema: "),
        (dict(extra_headers={"anthropic-version": "1999-01-01"}), "anthropic-version: "),
    ]:
        error = raises(bad, lambda: ask_claude(**extra), 400, f"anthropic: {words}")
        check(error.body["error"]["type"] == "invalid_request_error", f"anthropic: type for {words}")
        check(error.body["error"]["message"].startswith(words) or words in error.body["error"]["message"],
              f"anthropic: {error.body['error']['message']}")
        check(error.request_id and error.request_id.startswith("req_"), f"anthropic: request id for {words}")
    for name in ("claude-3-opus-20240229", OPENAI_MODEL, "nothing"):
        error = raises(anthropic.NotFoundError, lambda: ask_claude(model=name), 404, f"anthropic: {name}")
        check(error.body["error"]["type"] == "not_found_error", f"anthropic: type for {name}")
    foreign = anthropic.Anthropic(api_key="invalid-key", base_url=BASE, max_retries=0)
    raises(
        anthropic.AuthenticationError,
        lambda: foreign.messages.create(model=CLAUDE_MODEL, max_tokens=9, messages=messages), 401, "anthropic: key",
    )
    twice = anthropic.Anthropic(api_key="k", base_url=BASE + "/v1", max_retries=0)
    raises(
        anthropic.NotFoundError,
        lambda: twice.messages.create(model=CLAUDE_MODEL, max_tokens=9, messages=messages), 404, "anthropic: base with /v1",
    )


def spoiled_answers():
    control(faults={"refusal": 1})
    reply = ask_openai()
    check(reply.output[0].content[0].type == "refusal", "responses: refusal")
    with ai.responses.stream(model=OPENAI_MODEL, input=prompt()) as stream:
        names = [event.type for event in stream]
    check("response.refusal.delta" in names and "response.refusal.done" in names, "responses: refusal stream")
    messages = [{"role": "user", "content": "x"}]
    reply = ai.chat.completions.create(model=OPENAI_MODEL, messages=messages)
    check(reply.choices[0].message.refusal and reply.choices[0].message.content is None, "chat: refusal")
    check(bill()[-1]["why"] == "refusal" and bill()[-1]["billed"], "bill: a refusal costs its input")
    reply = ask_claude()
    check(reply.stop_reason == "refusal" and reply.usage.output_tokens == 0, "messages: refusal")
    check(not bill()[-1]["billed"], "bill: a refusal before any output is free")
    with claude.messages.stream(model=CLAUDE_MODEL, max_tokens=50, messages=messages) as stream:
        check(stream.get_final_message().stop_reason == "refusal", "messages: refusal stream")
    for fault in ("malformed_json", "bad_schema"):
        control(faults={fault: 1})
        reply = ai.responses.create(model=OPENAI_MODEL, input=prompt(), text={"format": FORMAT})
        check(reply.status == "completed", f"{fault}: envelope is sound")
        try:
            TaskAnalysis.model_validate_json(reply.output_text)
            raise SystemExit(f"FAILED: {fault}: the answer is valid")
        except ValueError as error:
            check(("missing" in str(error)) == (fault == "bad_schema"), f"{fault}: kind of error")
    control(faults={"truncated_stream": 1})
    for call in (
        lambda: list(ai.responses.create(model=OPENAI_MODEL, input=prompt(), stream=True)),
        lambda: list(claude.messages.create(model=CLAUDE_MODEL, max_tokens=99, messages=messages, stream=True)),
        ask_openai,
        ask_claude,
    ):
        try:
            call()
        except Exception as error:
            check("incomplete" in str(error).lower() or "connection" in str(error).lower(), f"cut: {error!r}")
        else:
            raise SystemExit("FAILED: cut: no error")
    control(faults={"timeout": 1})
    try:
        ask_claude(timeout=0.3)
    except anthropic.APITimeoutError:
        check(True, "timeout")
    else:
        raise SystemExit("FAILED: timeout: an answer came")
    control(faults={"slow_bytes": 1}, slow_bytes_pause_ms=5)
    started = time.monotonic()
    check(ask_openai().output_text and time.monotonic() - started > 0.3, "slow bytes")


def limits():
    control(faults=None, rpm=3, tpm=None, reset_stats=True)
    fresh = openai.OpenAI(api_key=f"limit-{time.time()}", base_url=BASE + "/v1", max_retries=0)
    for left in (2, 1, 0):
        raw = fresh.responses.with_raw_response.create(model=OPENAI_MODEL, input="x")
        check(raw.headers["x-ratelimit-remaining-requests"] == str(left), "openai: remaining requests")
    error = raises(
        openai.RateLimitError, lambda: fresh.responses.create(model=OPENAI_MODEL, input="x"), 429, "openai: rpm"
    )
    check(error.code == "rate_limit_exceeded" and error.type == "requests", "openai: rpm error")
    check(55 <= int(error.response.headers["retry-after"]) <= 60, "openai: retry-after")
    check(0 < int(error.response.headers["retry-after-ms"]) <= 60_000, "openai: retry-after-ms")
    control(rpm=None, tpm=100)
    other = anthropic.Anthropic(api_key=f"limit-{time.time()}", base_url=BASE, max_retries=0)
    messages = [{"role": "user", "content": "x" * 320}]
    raw = other.messages.with_raw_response.create(model=CLAUDE_MODEL, max_tokens=10, messages=messages)
    check(raw.headers["anthropic-ratelimit-input-tokens-remaining"] == "20", "anthropic: remaining input")
    check(raw.headers["anthropic-ratelimit-output-tokens-remaining"] == "90", "anthropic: remaining output")
    error = raises(
        anthropic.RateLimitError,
        lambda: other.messages.create(model=CLAUDE_MODEL, max_tokens=10, messages=messages), 429, "anthropic: tpm",
    )
    check(int(error.response.headers["retry-after"]) > 50, "anthropic: retry-after")
    seen = stats()
    check(seen["by_status"] == {"200": 4, "429": 2}, f"stats: {seen['by_status']}")
    check({row["max_requests_60s"] for row in seen["windows"]} == {3, 1}, "stats: windows")


control(faults=None, rpm=None, tpm=None, latency_ms=[0, 0], reset_stats=True)
check(any(model.id == OPENAI_MODEL for model in ai.models.list()), "openai: models")
check(any(model.id == CLAUDE_MODEL for model in claude.models.list()), "anthropic: models")
check(claude.models.retrieve(CLAUDE_MODEL).id == CLAUDE_MODEL, "anthropic: model")
for latency in ([0, 0], [60, 120]):
    control(latency_ms=latency)
    responses_api()
    chat_api()
    messages_api()
control(latency_ms=[0, 0])
forms()
errors()
strictness()
spoiled_answers()
limits()
control(faults=None, rpm=None, tpm=None, reset_stats=True)
print(f"{passed} checks passed with openai {openai.__version__}, anthropic {anthropic.__version__}")
