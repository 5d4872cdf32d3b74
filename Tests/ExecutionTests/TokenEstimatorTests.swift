import FleetCore
import Testing

@testable import Execution

@Suite struct TokenEstimatorTests {
    private let estimator = TokenEstimator()

    private func request(promptBytes: Int = 4000, maxOutputTokens: Int = 4096) -> ModelRequest {
        ModelRequest(
            model: "m", system: "", blocks: [String(repeating: "x", count: promptBytes)],
            schema: OutputSchema(name: "synthesis", json: "{}"), maxOutputTokens: maxOutputTokens,
            timeout: .seconds(60), idempotencyKey: "", agentType: "analyst")
    }

    private func outputGuess(maxOutputTokens: Int = 4096) -> Int {
        estimator.estimate(request(maxOutputTokens: maxOutputTokens), kind: .synthesis).outputTokens
    }

    private func learn(input: Int = 1100, output: Int) {
        estimator.learn(
            request(), kind: .synthesis, usage: TokenUsage(uncachedInputTokens: input, outputTokens: output))
    }

    @Test func theFirstGuessIsAGenerousPageButNoMoreThanTheCallMayGenerate() {
        #expect(outputGuess() == 1200)
        #expect(outputGuess(maxOutputTokens: 500) == 500)
    }

    @Test func oneAbsurdReportDoesNotReserveWholeMinutes() {
        learn(input: 100_000_000, output: 100_000_000)
        #expect(outputGuess(maxOutputTokens: 1_000_000) <= 4096)
        #expect(estimator.estimate(request(), kind: .synthesis).inputTokens <= 4000)
    }

    @Test func oneShortAnswerDoesNotMakeTheNextGuessShort() {
        learn(output: 50)
        #expect(outputGuess() > 1000)
    }

    @Test func guessesComeDownToWhatAnswersTake() {
        for _ in 0..<200 { learn(output: 300) }
        #expect((300...310).contains(outputGuess()))
    }

    @Test func aLongAnswerIsAllowedForAtOnce() {
        for _ in 0..<200 { learn(output: 300) }
        learn(output: 2000)
        #expect(outputGuess() >= 2000)
    }

    @Test func inputIsBytesByFourTimesWhatTheModelMadeOfThem() {
        #expect(estimator.estimate(request(), kind: .synthesis).inputTokens == 1100)
        learn(input: 1500, output: 10)
        #expect(estimator.estimate(request(), kind: .synthesis).inputTokens == 1500)
        // Down slowly only.
        learn(input: 1000, output: 10)
        #expect(estimator.estimate(request(), kind: .synthesis).inputTokens > 1450)
    }

    @Test func theBoundIsHalfOfTheASCIIAndAllOtherBytes() {
        var request = request(promptBytes: 1000, maxOutputTokens: 700)
        request.blocks[0] += "é😀"
        let bound = TokenEstimator.bound(of: request)
        #expect(bound.outputTokens == 700)
        // The schema's two characters, and what a provider puts around.
        #expect(bound.inputTokens == 501 + 6 + 100)
    }

    @Test func anAnswerWithoutUsageTeachesNothing() {
        learn(input: 0, output: 0)
        #expect(outputGuess() == 1200)
    }
}
