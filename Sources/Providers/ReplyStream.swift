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
    /// What was said of tokens so far.
    var usage: ReportedUsage { get }
    /// Whether the model had begun an answer, or to think of one.
    var hasOutput: Bool { get }

    /// Takes the next event. After an outcome other than `continue` no event is fed.
    mutating func feed(_ event: SSEEvent) -> StreamOutcome
}

extension ReplyStream {
    /// Reads an event's data.
    func parse(_ event: SSEEvent) -> Result<JSONValue, ModelFailure> {
        do throws(JSONError) {
            return .success(try JSONValue(parsing: event.data))
        } catch {
            return .failure(failed(.malformed, "an event is not JSON: \(error)"))
        }
    }

    func failure(_ code: ModelFailure.Code, _ message: String) -> StreamOutcome {
        .fail(failed(code, message))
    }

    /// A failure with what the stream knows of the call.
    func failed(_ code: ModelFailure.Code, _ message: String) -> ModelFailure {
        ModelFailure(code, message: message, usage: usage, mayHaveOutput: hasOutput)
    }

    /// The failure that an error object inside the stream stands for.
    func failure(for error: JSONValue?) -> StreamOutcome {
        let detail = ProviderErrorDetail(error ?? .null)
        return failure(detail.code(status: nil), detail.message)
    }
}
