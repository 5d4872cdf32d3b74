/// What a server's word for the end of an answer means. Servers have many words for few things.
enum FinishReason: Equatable {
    /// The model had said everything.
    case stop
    /// The answer was cut at a limit.
    case length
    /// The server would not have it said.
    case filter
    case failure
    /// The model wants something done first; nothing that we offer it.
    case tool
    case unknown

    /// Nil for a word that says nothing: empty, `null`.
    ///
    /// What may mean an answer that was cut is looked for first: `max_tokens_stop` is no stop.
    init?(_ word: String) {
        var word = word.lowercased()
        if word.hasPrefix("finish_reason_") { word.removeFirst("finish_reason_".count) }
        let words = word.split { !$0.isLetter && !$0.isNumber }.map(String.init)
        guard !words.isEmpty, !["null", "none", "unspecified"].contains(words.joined(separator: "_")) else {
            return nil
        }
        if let meaning = Self.stems.first(where: { $0.stems.contains(where: word.contains) })?.meaning {
            self = meaning
        } else {
            self = words.contains(where: Self.stops.contains) ? .stop : .unknown
        }
    }

    private static let stems: [(meaning: FinishReason, stems: [String])] = [
        (.length, ["length", "max", "limit", "trunc", "context", "overflow", "budget"]),
        (
            .filter,
            [
                "filter", "safety", "refus", "block", "recitation", "prohibit", "sensitive", "guardrail", "policy",
                "moderat", "spii", "censor",
            ]
        ),
        (
            .failure,
            [
                "error", "abort", "cancel", "fail", "interrupt", "timeout", "timed", "unavailable", "resource",
                "incomplete", "disconnect", "preempt", "malformed", "unfinished",
            ]
        ),
        (.tool, ["tool", "function"]),
    ]

    private static let stops: Set<String> = [
        "stop", "stopped", "eos", "eot", "eom", "end", "ended", "endoftext", "complete", "completed", "done", "finish",
        "finished", "success", "succeeded", "normal",
    ]
}
