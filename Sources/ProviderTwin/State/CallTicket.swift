import JSON
import Synchronization
import UTC

/// One model call from arrival to its end. It is settled exactly once: by whoever ends the reply, or when the last
/// reference goes away because the connection failed under the server.
final class CallTicket: Sendable {
    private struct Entry {
        var model: String?
        var credential: String?
        var fault: FaultKind?
        var charge: Charge?
        var isStreaming = false
        var isSettled = false
    }

    private let endpoint: Endpoint
    private let agent: String?
    private let idempotencyKey: String?
    private let billsDisconnects: Bool
    private let arrivedMilliseconds = TwinClock.wallMilliseconds()
    private let state: TwinState
    private let recorder: RequestRecorder?
    private let entry = Mutex(Entry())

    init(
        endpoint: Endpoint, agent: String?, idempotencyKey: String?, billsDisconnects: Bool, state: TwinState,
        recorder: RequestRecorder?
    ) {
        self.endpoint = endpoint
        self.agent = agent
        self.idempotencyKey = idempotencyKey
        self.billsDisconnects = billsDisconnects
        self.state = state
        self.recorder = recorder
    }

    deinit {
        settle(status: 0, .cut(outputTokens: 0))
    }

    func note(credential: String, fault: FaultKind?) {
        entry.withLock { entry in
            entry.credential = credential
            entry.fault = fault
        }
    }

    func note(_ request: TwinRequest) {
        entry.withLock { entry in
            entry.model = request.model
            entry.isStreaming = request.isStreaming
        }
    }

    /// From here on the call costs something, however it ends.
    func note(_ charge: Charge) {
        entry.withLock { $0.charge = charge }
    }

    /// Counts, bills and records the call; later calls of this method do nothing.
    ///
    /// - Parameter status: the status sent, 0 if none was
    func settle(status: Int, _ delivery: Charge.Delivery) {
        let entry = entry.withLock { entry -> Entry? in
            if entry.isSettled { return nil }
            entry.isSettled = true
            return entry
        }
        guard let entry else { return }
        let reported = delivery == .complete ? entry.charge?.usage ?? Usage() : Usage()
        let outcome = CallOutcome(
            endpoint: endpoint, model: entry.model, status: status, inputTokens: reported.input,
            outputTokens: reported.output
        )
        state.end(outcome, bill(entry, status: status, delivery))
        recorder?.append(line(entry, outcome))
    }

    private func bill(_ entry: Entry, status: Int, _ delivery: Charge.Delivery) -> BillLine {
        let verdict =
            entry.charge?.verdict(delivery, billsDisconnects: billsDisconnects)
            ?? Charge.Verdict(isBilled: false, why: delivery == .refused ? "http_error" : "not_received")
        return BillLine(
            key: entry.credential, idempotencyKey: idempotencyKey, model: entry.model, endpoint: endpoint,
            status: status, charge: entry.charge, verdict: verdict,
            day: Timestamp.day(microseconds: arrivedMilliseconds * 1000)
        )
    }

    private func line(_ entry: Entry, _ outcome: CallOutcome) -> [UInt8] {
        var json = JSONWriter(reservingCapacity: 320)
        json.beginObject()
        json.field("time", Timestamp.iso8601(microseconds: arrivedMilliseconds * 1000, fraction: .milliseconds))
        json.field("endpoint", endpoint.path)
        json.optional("key", entry.credential)
        json.optional("model", entry.model)
        json.optional("agent_type", agent)
        json.optional("idempotency_key", idempotencyKey)
        json.field("status", outcome.status)
        json.field("input_tokens", outcome.inputTokens)
        json.field("output_tokens", outcome.outputTokens)
        json.field("duration_ms", max(0, TwinClock.wallMilliseconds() - arrivedMilliseconds))
        json.key("stream")
        json.write(entry.isStreaming)
        json.optional("fault", entry.fault?.rawValue)
        json.append(raw: "}\n")
        return json.bytes
    }
}
