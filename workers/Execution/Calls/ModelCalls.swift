import FleetCore
import FleetMetrics
import FleetTracing

/// Makes one call: capacity, the call itself, and what is noted of it.
struct ModelCalls: Sendable {
    let caller: any ModelCaller
    let capacity: CapacityWaiter
    let recorder: CallRecorder

    /// - Parameters:
    ///   - calls: of the attempt so far; this one is added if it was sent.
    ///   - span: of the attempt; nil: it is not recorded.
    func call(
        _ question: Question, _ model: ModelSpec, _ step: ClaimedStep, _ span: AttemptSpan?,
        _ calls: inout [CallRecord]
    ) async throws(NoAnswer) -> ModelReply {
        var question = question
        question.request.idempotencyKey = "step-\(step.stepID)-\(step.attempt)-\(calls.count + 1)"
        let asked = recorder.time.now
        let reservation: Reservation
        do throws(NoAnswer) {
            reservation = try await capacity.reserve(question, model, step, isFirst: calls.isEmpty)
        } catch {
            recorder.models.abandon(model)
            throw error
        }
        question.request.onLimits = { [limiter = recorder.limiter, key = reservation.key] in limiter.learn(key, $0) }
        let start = recorder.time.now
        recorder.metrics.callStarted(model: model.name)
        let result = await result(of: question.request)
        let record = recorder.record(
            result, of: question, model, step, reservation, start: start, number: calls.count + 1,
            waited: start - asked,
            span)
        if let record { calls.append(record) }
        do throws(ModelFailure) {
            return try result.get()
        } catch {
            throw .failed(error)
        }
    }

    private func result(of request: ModelRequest) async -> Result<ModelReply, ModelFailure> {
        do throws(ModelFailure) {
            return .success(try await caller.call(request))
        } catch {
            return .failure(error)
        }
    }
}
