import FleetCore
import FleetTesting
import Testing
import TraceContext
import Tracing

@testable import FleetTracing
@testable import OTLPTracing

@Suite struct WorkerSpansTests {
    private let recorded = RecordedSpans()
    private let trace = TaskTrace(task: "task_1")

    private func step(attempt: Int = 1) -> ClaimedStep {
        var step = SampleStep.execution(stepID: 7)
        step.attempt = attempt
        step.waited = .milliseconds(1500)
        return step
    }

    private func call(
        _ number: Int, outcome: String = "succeeded", wasSent: Bool = true, usage: TokenUsage? = TokenUsage(),
        start: Duration = .seconds(2), duration: Duration = .seconds(3)
    ) -> CallFacts {
        var record = CallRecord(
            number: number, provider: "anthropic", model: "catalogue-name",
            account: CallAccount(basis: .reported, usage: usage, cost: Decimal6(millionths: 1250)), outcome: outcome,
            httpStatus: 200, providerRequestID: "req-1", duration: duration)
        record.promptVersion = "v7"
        return CallFacts(
            record: record, wasSent: wasSent, modelID: "model-id", maxOutputTokens: 800,
            answeringModel: "model-id-2026", finishReason: "end_turn", waited: .milliseconds(250), start: start)
    }

    private func attempt(
        _ step: ClaimedStep, traceparent: String? = nil, outcome: StepOutcome = .cancelled, isStale: Bool? = false,
        tracer: OTLPTracer? = nil, _ body: (AttemptSpan) -> Void = { _ in }
    ) throws -> [FinishedSpan] {
        let spans = WorkerSpans(tracer ?? recorded.tracer())
        let span = try #require(spans.attemptBegan(step, traceparent: traceparent, at: .seconds(1)))
        body(span)
        #expect(recorded.all.isEmpty)
        span.ended(outcome, isStale: isStale, at: .seconds(9))
        return recorded.all
    }

    @Test func anAttemptAndItsCallsAreATreeUnderTheirTask() throws {
        let spans = try attempt(step()) { span in
            span.callEnded(call(1))
            span.callEnded(call(2, start: .seconds(6), duration: .seconds(2)))
        }
        #expect(spans.map(\.name) == ["invoke_agent data_scientist", "chat model-id", "chat model-id"])
        #expect(Set(spans.map(\.traceID)) == [trace.traceID])
        let own = trace.attempt(step: 7, attempt: 1)
        #expect(spans.map(\.parentID) == [trace.root, own, own])
        #expect(
            spans.map(\.spanID) == [own] + [1, 2].map { trace.call(step: 7, attempt: 1, number: $0) })
        #expect(spans.map { "\($0.kind)" } == ["internal", "client", "client"])
        let begin = spans[0].startNanoseconds
        #expect(
            spans.map { [$0.startNanoseconds - begin, $0.endNanoseconds - begin].map { $0 / 1_000_000 } }
                == [[0, 8000], [1000, 4000], [5000, 7000]])
    }

    @Test func anAttemptSaysWhatItWas() throws {
        var taken = step(attempt: 2)
        taken.isTakenOver = true
        let span = try #require(try attempt(taken, outcome: .dead(error: "a text"), isStale: true).first)
        #expect(span.text("gen_ai.operation.name") == "invoke_agent")
        #expect(span.text("gen_ai.agent.name") == "data_scientist")
        #expect(span.text("mixmyai.task.id") == "task_1")
        #expect(span.text("mixmyai.subtask.id") == "sub_1")
        #expect(span.number("mixmyai.step.id") == 7)
        #expect(span.number("mixmyai.step.attempt") == 2)
        #expect(span.text("mixmyai.step.kind") == "subtask_execution")
        #expect(span.text("mixmyai.step.outcome") == "dead")
        #expect(span.text("error.type") == "dead")
        #expect(span.double("mixmyai.step.queue_wait") == 1.5)
        #expect(span.attributes.get("mixmyai.step.taken_over") == true)
        #expect(span.attributes.get("mixmyai.step.stale") == true)
        #expect(span.status == SpanStatus(code: .error))
        // A retry names the attempt before it.
        #expect(span.targets.map(\.spanID) == [trace.attempt(step: 7, attempt: 1)])
        #expect(!"\(span)".contains("a text"))
    }

    @Test func aWaitIsNoErrorAndAFailureIs() throws {
        let wait = StepOutcome.retry(
            after: .seconds(1), reason: .rateLimitCapacity, error: nil, countsAsFailure: false)
        let span = try #require(try attempt(step(), outcome: wait).first)
        #expect(span.text("mixmyai.step.outcome") == "rate_limit_capacity")
        #expect(span.status == nil)
        let failure = StepOutcome.retry(after: .seconds(1), reason: .backoff, error: "e", countsAsFailure: true)
        let other = RecordedSpans()
        WorkerSpans(other.tracer()).attemptBegan(step(), traceparent: nil, at: .zero)?
            .ended(failure, isStale: false, at: .seconds(1))
        #expect(other.all.first?.status == SpanStatus(code: .error))
        #expect(other.all.first?.text("error.type") == "backoff")
    }

    @Test func aCallSaysWhatTheLedgerSaysAndNoMore() throws {
        let usage = TokenUsage(
            uncachedInputTokens: 100, cacheReadTokens: 30, cacheWriteTokens: 7, outputTokens: 50, reasoningTokens: 9)
        let span = try #require(try attempt(step()) { $0.callEnded(call(1, usage: usage)) }.last)
        let texts = [
            "gen_ai.operation.name": "chat", "gen_ai.provider.name": "anthropic", "gen_ai.request.model": "model-id",
            "gen_ai.response.model": "model-id-2026", "gen_ai.output.type": "json",
            "gen_ai.prompt.name": "subtask_execution", "gen_ai.prompt.version": "v7",
            "mixmyai.call.outcome": "succeeded", "mixmyai.call.model": "catalogue-name",
            "mixmyai.call.purpose": "work", "mixmyai.task.id": "task_1",
        ]
        for (name, text) in texts { #expect(span.text(name) == text, "\(name)") }
        let numbers: [String: Int64] = [
            "gen_ai.request.max_tokens": 800, "gen_ai.usage.input_tokens": 137, "gen_ai.usage.output_tokens": 50,
            "gen_ai.usage.cache_read.input_tokens": 30, "gen_ai.usage.cache_write.input_tokens": 7,
            "gen_ai.usage.reasoning.output_tokens": 9, "http.response.status_code": 200, "mixmyai.call.number": 1,
            "mixmyai.step.id": 7, "mixmyai.step.attempt": 1,
        ]
        for (name, number) in numbers { #expect(span.number(name) == number, "\(name)") }
        #expect(span.attributes.get("gen_ai.response.finish_reasons") == .stringArray(["end_turn"]))
        #expect(span.attributes.get("gen_ai.request.stream") == true)
        #expect(span.double("mixmyai.call.capacity_wait") == 0.25)
        #expect(span.double("mixmyai.call.cost_usd") == 0.00125)
        #expect(span.attributes.count == texts.count + numbers.count + 4)
        #expect(span.status == nil)
    }

    @Test func whatIsNotKnownOfTokensIsNotSaid() throws {
        let span = try #require(
            try attempt(step()) { $0.callEnded(call(1, outcome: "timed_out", usage: nil)) }.last)
        #expect(span.attributes.get("gen_ai.usage.input_tokens") == nil)
        #expect(span.text("error.type") == "timed_out")
        #expect(span.status == SpanStatus(code: .error))
    }

    /// The answer came, and could not be used: the call has worked.
    @Test func anInvalidAnswerIsNoFailedCall() throws {
        let spans = try attempt(step()) { span in
            span.callEnded(call(1))
            span.callEnded(call(2))
            span.answerWasRefused()
        }
        #expect(spans.map { $0.text("mixmyai.call.outcome") } == [nil, "succeeded", "invalid_answer"])
        #expect(spans.allSatisfy { $0.status == nil })
    }

    /// It has the number of the next one.
    @Test func aCallThatWasNotSentHasASpanOfItsOwn() throws {
        let spans = try attempt(step()) { span in
            span.callEnded(call(1, outcome: "unreachable", wasSent: false))
            span.callEnded(call(1, outcome: "unreachable", wasSent: false))
            span.callEnded(call(1))
        }
        #expect(Set(spans.map(\.spanID)).count == 4)
        #expect(spans.last?.spanID == trace.call(step: 7, attempt: 1, number: 1))
        #expect(spans.map { $0.number("mixmyai.call.number") } == [nil, nil, nil, 1])
    }

    @Test func wordsOfProvidersAreCut() throws {
        var long = call(1)
        long.answeringModel = String(repeating: "m", count: 5000)
        long.finishReason = String(repeating: "f", count: 5000)
        let span = try #require(try attempt(step()) { $0.callEnded(long) }.last)
        #expect(span.text("gen_ai.response.model")?.count == 100)
        #expect(
            span.attributes.get("gen_ai.response.finish_reasons") == .stringArray([String(repeating: "f", count: 50)]))
    }

    // MARK: The ticket's word

    @Test func aTicketSaysWhetherTheTraceIsRecorded() {
        let own = { TraceParent(traceID: self.trace.traceID, spanID: self.trace.root, isSampled: $0).description }
        for (ratio, ticket, isRecorded) in [
            (0.0, own(true), true), (1.0, own(false), false), (1.0, nil, true), (0.0, nil, false),
            (1.0, "garbage", true), (0.0, "garbage", false), (0.0, "", false),
        ] as [(Double, String?, Bool)] {
            let span = WorkerSpans(recorded.tracer(ratio: ratio)).attemptBegan(step(), traceparent: ticket, at: .zero)
            #expect((span != nil) == isRecorded, "\(ratio), \(ticket ?? "none")")
        }
        let alone = WorkerSpans(recorded.tracer(ratio: 1, followsParent: false))
        #expect(alone.attemptBegan(step(), traceparent: own(false), at: .zero) != nil)
    }

    /// A ticket that somebody has published by hand, in a trace of their own.
    @Test func aForeignTraceBecomesALink() throws {
        let foreign = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"
        let span = try #require(try attempt(step(), traceparent: foreign).first)
        #expect(span.traceID == trace.traceID)
        #expect(span.parentID == trace.root)
        #expect(span.targets == [SpanReference(try #require(TraceParent(foreign)))])
    }

    @Test func aContinuedTraceHangsUnderItsRootWhateverTheTicketCallsIt() throws {
        let ticket = TraceParent(traceID: trace.traceID, spanID: SpanID(99), isSampled: true).description
        let span = try #require(try attempt(step(), traceparent: ticket).first)
        #expect(span.parentID == trace.root)
        #expect(span.links.isEmpty)
    }

    @Test func withoutATracerNothingBegins() {
        #expect(WorkerSpans.none.attemptBegan(step(), traceparent: nil, at: .zero) == nil)
    }
}
