internal import FleetCore

/// What an event led to.
enum StreamOutcome: Sendable {
    case `continue`
    /// The provider's closing event came. Limits and request id of the headers are added by the caller.
    case complete(ModelReply)
    case fail(ModelFailure)
}

/// The state machine of one provider API's stream: pure, one value per call.
protocol ReplyStream: Sendable {
    /// Tokens reported so far.
    var usage: TokenUsage { get }

    /// Takes the next event. After an outcome other than `continue` no event is fed.
    mutating func feed(_ event: SSEEvent) -> StreamOutcome
}

extension ReplyStream {
    /// Reads an event's data.
    func parse(_ event: SSEEvent) -> Result<JSONValue, ModelFailure> {
        do throws(JSONError) {
            return .success(try JSONValue(parsing: event.data))
        } catch {
            return .failure(ModelFailure(.malformed, message: "an event is not JSON: \(error)", usage: usage))
        }
    }

    func failure(_ code: ModelFailure.Code, _ message: String) -> StreamOutcome {
        .fail(ModelFailure(code, message: message, usage: usage))
    }

    /// The failure that an error object inside the stream stands for.
    func failure(for error: JSONValue?) -> StreamOutcome {
        let detail = ProviderErrorDetail(error ?? .null)
        return .fail(ModelFailure(detail.code(status: nil), message: detail.message, usage: usage))
    }
}

extension JSONValue {
    /// A count of tokens; nothing that a provider may say makes it negative, or so large that sums of it overflow.
    func count(_ key: String) -> Int? {
        self[key]?.int.map { min(max(0, $0), 100_000_000) }
    }
}
