internal import FleetCore
import JSON

/// A count that is there and cannot be true: negative, larger than any call, or no number.
struct UnusableCount: Error {}

/// A usage object as an API sends it, made into kinds that do not overlap.
///
/// What is absent or cannot be true makes the whole report unusable: a count is proof, and half a proof is none.
struct UsageReading {
    /// Nil: the object proves nothing.
    private(set) var tokens: TokenUsage?
    /// Its numbers disagree with each other by more than rounding.
    private(set) var isContradictory = false

    private static let tolerance = 2

    /// Chat Completions: some compatible servers count reasoning outside `completion_tokens`; their total tells. Some
    /// take the names of the Responses API.
    init(chat usage: JSONValue) {
        guard let prompt = try? usage.count("prompt_tokens", or: "input_tokens"),
            let completion = try? usage.completion(after: prompt)
        else { return }
        var output = completion
        do throws(UnusableCount) {
            if let total = try usage.count("total_tokens") {
                output = max(completion, total - prompt)
                isContradictory = abs(total - prompt - completion) > Self.tolerance
            }
        } catch {
            isContradictory = true
        }
        read(
            prompt, output, usage["prompt_tokens_details"] ?? usage["input_tokens_details"],
            usage["completion_tokens_details"] ?? usage["output_tokens_details"])
    }

    /// Responses: cached tokens are part of the input, reasoning is part of the output.
    init(responses usage: JSONValue) {
        guard let input = try? usage.count("input_tokens"), let output = try? usage.count("output_tokens") else {
            return
        }
        read(input, output, usage["input_tokens_details"], usage["output_tokens_details"])
    }

    private mutating func read(_ input: Int, _ total: Int, _ inputs: JSONValue?, _ outputs: JSONValue?) {
        // No prompt is empty: who counts none has not counted.
        guard input > 0 else { return }
        do throws(UnusableCount) {
            let read = try inputs?.count("cached_tokens") ?? 0
            let written = try inputs?.count("cache_write_tokens") ?? 0
            let reasoning = try outputs?.count("reasoning_tokens")
            // Parts that are larger than the whole: the whole is believed.
            if read + written > input { isContradictory = true }
            // Reasoning beyond the output was counted beside it, and paid.
            let output = max(total, reasoning ?? 0)
            if output > total { isContradictory = true }
            let cacheRead = min(read, input)
            let cacheWrite = min(written, input - cacheRead)
            tokens = TokenUsage(
                uncachedInputTokens: input - cacheRead - cacheWrite, cacheReadTokens: cacheRead,
                cacheWriteTokens: cacheWrite, outputTokens: output, reasoningTokens: reasoning)
        } catch {
            tokens = nil
        }
    }
}

/// Usage of the Messages API, which is told in pieces: the input first, the output with the end of the answer. Its
/// cached tokens are counted beside the input.
struct MessagesUsage {
    private var input: Int?
    private var cacheRead = 0
    private var cacheWrite = 0
    private var output: Int?
    private var reasoning: Int?
    private var isUnusable = false
    private(set) var serviceTier: String?

    /// Counts are totals so far: later ones replace earlier ones, absent ones change nothing.
    mutating func read(_ usage: JSONValue?) {
        guard let usage else { return }
        do throws(UnusableCount) {
            input = try usage.count("input_tokens") ?? input
            cacheRead = try usage.count("cache_read_input_tokens") ?? cacheRead
            cacheWrite = try usage.count("cache_creation_input_tokens") ?? cacheWrite
            output = try usage.count("output_tokens") ?? output
            reasoning = try usage["output_tokens_details"]?.count("thinking_tokens") ?? reasoning
        } catch {
            isUnusable = true
        }
        serviceTier = usage.serviceTier ?? serviceTier
    }

    var tokens: TokenUsage? {
        guard !isUnusable, let input, let output, input + cacheRead + cacheWrite > 0 else { return nil }
        return TokenUsage(
            uncachedInputTokens: input, cacheReadTokens: cacheRead, cacheWriteTokens: cacheWrite, outputTokens: output,
            reasoningTokens: reasoning.map { min($0, output) })
    }
}

extension JSONValue {
    /// A count of tokens; some servers write it as a text. Nil if it is absent or null, under the other name as well.
    func count(_ key: String, or other: String? = nil) throws(UnusableCount) -> Int? {
        guard let value = self[key], !value.isNull, value != "" else {
            return try other.flatMap { (other) throws(UnusableCount) in try count(other) }
        }
        guard let count = value.int ?? value.string.flatMap({ try? JSONValue(parsing: $0).int }),
            0...100_000_000 ~= count
        else { throw UnusableCount() }
        return count
    }

    /// The count of the completion; where only the total is told, what it has beyond the prompt.
    fileprivate func completion(after prompt: Int) throws(UnusableCount) -> Int? {
        if let count = try count("completion_tokens", or: "output_tokens") { return count }
        return try count("total_tokens").flatMap { $0 > prompt ? $0 - prompt : nil }
    }

    /// The tier that answered; nil if none is named, or nothing that could be the name of one.
    var serviceTier: String? {
        guard let tier = self["service_tier"]?.string, (1...30).contains(tier.utf8.count),
            tier.utf8.allSatisfy({ byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                    UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            })
        else { return nil }
        return tier
    }
}
