import FleetCore

/// A model that answers after a set time and costs no CPU to speak of.
struct CannedCaller: ModelCaller {
    let answers: CannedAnswers
    /// Nil: at once, without suspending.
    let delay: Duration?
    /// Gets a line `step,start,end` per call, in microseconds.
    let log: MeasuredLog?

    func call(_ request: ModelRequest) async throws(ModelFailure) -> ModelReply {
        let start = log == nil ? 0 : WallClock.microseconds
        if let delay {
            do {
                try await Task.sleep(for: delay)
            } catch {
                throw ModelFailure(.cancelled, message: "cancelled")
            }
        }
        guard let text = answers.text(for: request) else {
            throw ModelFailure(.invalidRequest, message: "no canned answer for \(request.schema.name)")
        }
        // The key is `step-ID-ATTEMPT-CALL`.
        log?.add(
            String(request.idempotencyKey.split(separator: "-")[1]), String(start), String(WallClock.microseconds))
        let usage = TokenUsage(
            uncachedInputTokens: request.prompt.utf8.count / 4, outputTokens: text.utf8.count / 4)
        return ModelReply(text: text, usage: ReportedUsage(usage), providerRequestID: request.idempotencyKey)
    }
}
