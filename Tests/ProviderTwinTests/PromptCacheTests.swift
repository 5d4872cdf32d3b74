import Foundation
import Testing

@testable import ProviderTwin

@Suite(.timeLimit(.minutes(1)))
struct PromptCacheTests {
    private static let minute: UInt64 = 60_000_000_000

    /// A Responses request with a developer block and user blocks of so many tokens, each filled with its letter.
    private static func request(
        _ blocks: [(letter: String, tokens: Int)], options: [String: Any] = [:], marked: Set<Int> = []
    ) throws -> TwinRequest {
        // The line end between two blocks is a byte of the second.
        let texts = blocks.enumerated().map { index, block in
            String(repeating: block.letter, count: 4 * block.tokens - (index == 0 ? 0 : 1))
        }
        let parts = texts.enumerated().map { index, text in
            var part: [String: Any] = ["type": "input_text", "text": text]
            if marked.contains(index) { part["prompt_cache_breakpoint"] = ["mode": "explicit"] }
            return part
        }
        var body: [String: Any] = [
            "model": "gpt-6-luna",
            "input": [
                ["role": "developer", "content": [parts[0]]], ["role": "user", "content": Array(parts.dropFirst())],
            ],
        ]
        body.merge(options) { $1 }
        return try TwinRequest(endpoint: .responses, body: Array(TwinClient.text(body).utf8), seed: 1)
    }

    @Test func aPromptIsWrittenOnceAndReadAfterwards() throws {
        var cache = PromptCache()
        let request = try Self.request([("a", 1100), ("b", 200)])
        #expect(request.inputTokens == 1300)
        #expect(cache.use(request, credential: "k", now: 0) == (0, 1280))
        #expect(cache.use(request, credential: "k", now: 1) == (1280, 0))
    }

    /// The default mode ends what it keeps with the newest message, and matches only there.
    @Test func aCommonBeginningIsWrittenEachTimeAndNeverReadUnlessMarked() throws {
        var cache = PromptCache()
        #expect(cache.use(try Self.request([("a", 1100), ("b", 200)]), credential: "k", now: 0) == (0, 1280))
        #expect(cache.use(try Self.request([("a", 1100), ("c", 500)]), credential: "k", now: 1) == (0, 1536))
    }

    @Test func shortPromptsAreNotCached() throws {
        var cache = PromptCache()
        #expect(cache.use(try Self.request([("a", 900), ("b", 123)]), credential: "k", now: 0) == (0, 0))
        #expect(cache.use(try Self.request([("a", 900), ("b", 124)]), credential: "k", now: 0) == (0, 1024))
        // The first border is below the least size.
        #expect(cache.use(try Self.request([("a", 900), ("c", 200)]), credential: "k", now: 0).read == 0)
    }

    @Test func aPrefixLivesThirtyMinutesFromWhenItWasWritten() throws {
        var cache = PromptCache()
        let request = try Self.request([("a", 2000), ("b", 48)])
        _ = cache.use(request, credential: "k", now: 0)
        #expect(cache.use(request, credential: "k", now: 30 * Self.minute - 1) == (2048, 0))
        #expect(cache.use(request, credential: "k", now: 30 * Self.minute) == (0, 2048))
    }

    @Test func credentialModelAndKeyKeepApart() throws {
        var cache = PromptCache()
        var request = try Self.request([("a", 2000), ("b", 48)])
        _ = cache.use(request, credential: "k", now: 0)
        #expect(cache.use(request, credential: "other", now: 0).read == 0)
        request.cacheKey = "key"
        #expect(cache.use(request, credential: "k", now: 0).read == 0)
        request.cacheKey = ""
        request.model = "gpt-6.1-sol"
        #expect(cache.use(request, credential: "k", now: 0).read == 0)
    }

    @Test func explicitModeCachesUpToBreakpointsOnly() throws {
        var cache = PromptCache()
        let options = ["prompt_cache_options": ["mode": "explicit"]]
        let blocks = [("a", 1100), ("b", 1000), ("c", 300)]
        #expect(cache.use(try Self.request(blocks, options: options), credential: "k", now: 0) == (0, 0))
        let marked = try Self.request(blocks, options: options, marked: [1])
        #expect(cache.use(marked, credential: "k", now: 0) == (0, 2048))
        #expect(cache.use(marked, credential: "k", now: 0) == (2048, 0))
        let longer = try Self.request([("a", 1100), ("b", 1000), ("d", 900)], options: options, marked: [1, 2])
        #expect(cache.use(longer, credential: "k", now: 0) == (2048, 896))
    }

    @Test func theOldestPrefixesGoFirst() throws {
        var cache = PromptCache()
        var request = try Self.request([("a", 1100)])
        for number in 0...PromptCache.mostPrefixes {
            request.cacheKey = "\(number)"
            _ = cache.use(request, credential: "k", now: 0)
        }
        #expect(cache.use(request, credential: "k", now: 0).read == 1024)
        request.cacheKey = "1"
        #expect(cache.use(request, credential: "k", now: 0).read == 1024)
        request.cacheKey = "0"
        #expect(cache.use(request, credential: "k", now: 0).read == 0)
    }

    @Test func chatReportsReadsAndNoWrites() async throws {
        try await withTwin { twin in
            let prompt = Material.task + String(repeating: "x", count: 8000)
            let body = Prompts.chat(stage: "task_analysis", prompt: prompt)
            let tokens = ("You work.\n".utf8.count + prompt.utf8.count + 3) / 4
            for read in [0, tokens / 128 * 128] {
                let usage = try await twin.post("/v1/chat/completions", body).json["usage"] as? [String: Any]
                #expect(usage?["prompt_tokens"] as? Int == tokens)
                #expect((usage?["prompt_tokens_details"] as? [String: Any])?["cached_tokens"] as? Int == read)
                let line = try #require(try await twin.bill().last)
                #expect(line["cache_read_tokens"] as? Int == read)
                #expect(line["cache_write_tokens"] as? Int == 0)
                #expect(line["uncached_input_tokens"] as? Int == tokens - read)
            }
        }
    }

    @Test func anthropicCachesNothingUnasked() async throws {
        try await withTwin { twin in
            let prompt = Material.task + String(repeating: "x", count: 8000)
            let body = Prompts.messages(stage: "task_analysis", prompt: prompt)
            for _ in 0..<2 {
                let usage = try await twin.post("/v1/messages", body).json["usage"] as? [String: Any]
                #expect(usage?["input_tokens"] as? Int == ("You work.\n".utf8.count + prompt.utf8.count + 3) / 4)
                #expect(usage?["cache_read_input_tokens"] as? Int == 0)
                #expect(usage?["cache_creation_input_tokens"] as? Int == 0)
            }
        }
    }
}
