extension MetricNames {
    static let callDuration = MetricDefinition.histogram(
        "ai_api_latency_seconds", help: "From sending a call to the end of its answer or its failure, in seconds.",
        labels: ["provider", "model"], buckets: .callSeconds)
    static let callCost = MetricDefinition.histogram(
        "ai_api_cost_usd", help: "Proved cost of single calls, in US dollars.", labels: ["provider", "model"],
        buckets: .dollars)
    static let callsEnded = MetricDefinition.counter(
        "mixmyai_llm_requests_total", help: "Calls to providers that ended, by outcome.",
        labels: ["provider", "model", "outcome"])
    static let callsInFlight = MetricDefinition.gauge(
        "mixmyai_llm_requests_in_flight", help: "Calls to providers under way.", labels: ["model"])
    static let tokens = MetricDefinition.counter(
        "mixmyai_llm_tokens_total",
        help:
            "Reported tokens by direction; input is split into cache read, cache write and none, nothing counts twice.",
        labels: ["provider", "model", "direction", "cache"])
    static let cost = MetricDefinition.counter(
        "mixmyai_llm_cost_usd_total",
        help: "Proved cost of calls in US dollars: of reported usage only. The ledger is exact, this is not.",
        labels: ["provider", "model"])
    static let expectedCost = MetricDefinition.counter(
        "mixmyai_llm_cost_expected_usd_total",
        help: "Proved cost of calls in US dollars, and what is expected of calls whose usage was not told.",
        labels: ["provider", "model"])
    static let usageMismatches = MetricDefinition.counter(
        "mixmyai_usage_mismatch_total", help: "Calls whose reported numbers of tokens disagree by more than two.",
        labels: ["provider", "model"])
    static let unknownTiers = MetricDefinition.counter(
        "mixmyai_unknown_tier_total", help: "Calls that a service tier answered which the catalogue has no factor for.",
        labels: ["provider", "model"])
    static let invalidAnswers = MetricDefinition.counter(
        "mixmyai_llm_invalid_answers_total", help: "Complete answers that did not satisfy their schema.",
        labels: ["kind", "model"])
    static let inputCuts = MetricDefinition.counter(
        "mixmyai_input_cut_tokens_total", help: "Tokens of inputs that were left out of prompts for space.",
        labels: ["kind", "section"])
    package static let ledgerSpend = MetricDefinition.gauge(
        "mixmyai_ledger_spend_usd", help: "Cost of the calls booked in the last five minutes, in US dollars.",
        labels: ["provider", "basis"])
    package static let ledgerCalls = MetricDefinition.gauge(
        "mixmyai_ledger_calls", help: "Calls booked in the last five minutes; lost: their worker died with them.",
        labels: ["provider", "outcome"])

    static let calls = [
        callDuration, callCost, callsEnded, callsInFlight, tokens, cost, expectedCost, usageMismatches, unknownTiers,
        invalidAnswers, inputCuts, ledgerSpend, ledgerCalls,
    ]
}
