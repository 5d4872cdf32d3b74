import Synchronization

/// One model call from arrival to its end. It is settled exactly once: by whoever ends the reply, or when the last
/// reference goes away because the connection failed under the server.
final class CallTicket: Sendable {
    private struct Entry {
        var model: String?
        var credential: String?
        var fault: FaultKind?
        var isStreaming = false
        var isSettled = false
    }

    private let endpoint: Endpoint
    private let agent: String?
    private let idempotencyKey: String?
    private let arrivedMilliseconds: Int
    private let state: TwinState
    private let recorder: RequestRecorder?
    private let entry = Mutex(Entry())

    init(endpoint: Endpoint, agent: String?, idempotencyKey: String?, state: TwinState, recorder: RequestRecorder?) {
        self.endpoint = endpoint
        self.agent = agent
        self.idempotencyKey = idempotencyKey
        self.state = state
        self.recorder = recorder
        arrivedMilliseconds = recorder == nil ? 0 : Timestamp.wallMilliseconds()
    }

    deinit {
        settle(status: 0)
    }

    func note(credential: String, fault: FaultKind?) {
        entry.withLock { entry in
            entry.credential = credential
            entry.fault = fault
        }
    }

    func note(_ request: ModelRequest) {
        entry.withLock { entry in
            entry.model = request.model
            entry.isStreaming = request.isStreaming
        }
    }

    /// Counts and records the call; later calls of this method do nothing.
    ///
    /// - Parameters:
    ///   - status: the status sent, 0 if none was
    ///   - inputTokens: 0 unless the reply is complete
    ///   - outputTokens: 0 unless the reply is complete
    func settle(status: Int, inputTokens: Int = 0, outputTokens: Int = 0) {
        let entry = entry.withLock { entry -> Entry? in
            if entry.isSettled { return nil }
            entry.isSettled = true
            return entry
        }
        guard let entry else { return }
        let outcome = CallOutcome(
            endpoint: endpoint, model: entry.model, status: status, inputTokens: inputTokens, outputTokens: outputTokens
        )
        state.end(outcome)
        recorder?.append(line(entry, outcome))
    }

    private func line(_ entry: Entry, _ outcome: CallOutcome) -> [UInt8] {
        var json = JSONWriter(capacity: 320)
        json.beginObject()
        json.field("time", Timestamp.text(milliseconds: arrivedMilliseconds, showsMilliseconds: true))
        json.field("endpoint", endpoint.path)
        json.optional("key", entry.credential)
        json.optional("model", entry.model)
        json.optional("agent_type", agent)
        json.optional("idempotency_key", idempotencyKey)
        json.field("status", outcome.status)
        json.field("input_tokens", outcome.inputTokens)
        json.field("output_tokens", outcome.outputTokens)
        json.field("duration_ms", max(0, Timestamp.wallMilliseconds() - arrivedMilliseconds))
        json.key("stream")
        json.bool(entry.isStreaming)
        json.optional("fault", entry.fault?.rawValue)
        json.literal("}\n")
        return json.bytes
    }
}
