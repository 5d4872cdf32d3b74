internal import FleetCore
internal import Glibc
import JSON

/// What an event led to.
enum StreamOutcome: Sendable {
    case `continue`
    /// The answer is whole. Limits and request id of the headers are added by the caller.
    case complete(ModelReply)
    case fail(ModelFailure)
}

/// The state machine of one provider API's answer: pure, one value per call.
///
/// An answer is whole if one sign says so: the API's closing event, `[DONE]`, or a reason to stop before a clean end.
protocol ReplyStream: Sendable {
    /// What was said of tokens so far.
    var usage: ReportedUsage { get }
    /// Whether the model had begun an answer, or to think of one.
    var hasOutput: Bool { get }

    /// Takes what the next event holds. After an outcome other than `continue` nothing is fed.
    mutating func feed(_ body: WireJSON, name: String) -> StreamOutcome
    /// Takes `[DONE]`.
    mutating func close() -> StreamOutcome
    /// Takes the clean end of all bytes; never `continue`.
    mutating func end() -> StreamOutcome
    /// Takes a whole reply instead of a stream; never `continue`.
    mutating func feed(whole body: WireJSON) -> StreamOutcome
    /// Whether the API has events of that name, so that one that cannot be read may be a part of the answer.
    static func hasEvents(named name: String) -> Bool
}

extension ReplyStream {
    /// Takes the next event: its data are JSON, `[DONE]`, or nothing that concerns us (`ping`).
    mutating func feed(_ event: SSEEvent) -> StreamOutcome {
        let data = event.data.trimmed
        if data.isEmpty { return event.name.isEmpty ? .continue : feed(.null, name: event.name) }
        if event.isDone { return close() }
        do throws(WireError) {
            return feed(all: try WireJSON(data), name: event.name)
        } catch {
            let lines = data.split(separator: 0x0A)
            if lines.count > 1 {
                // A server that forgets the empty line between two events.
                for line in lines {
                    let outcome = feed(SSEEvent(name: event.name, data: Array(line)))
                    guard case .continue = outcome else { return outcome }
                }
                return .continue
            }
            return unreadable(data, name: event.name, error)
        }
    }

    private mutating func feed(all body: WireJSON, name: String) -> StreamOutcome {
        for element in body.value.array ?? [body.value] {
            let outcome = feed(body.with(element), name: name)
            guard case .continue = outcome else { return outcome }
        }
        return .continue
    }

    private func unreadable(_ data: [UInt8], name: String, _ error: WireError) -> StreamOutcome {
        let text = String(decoding: data.prefix(1000), as: UTF8.self)
        let start = text.lowercased().drop { $0 == "[" || $0 == " " }
        if name == "error" || start.hasPrefix("error") {
            return failure(.serverError, "the stream says: \(ProviderErrorDetail.safe(text))")
        }
        let looksLikeData = [UInt8(ascii: "{"), UInt8(ascii: "\""), UInt8(ascii: "<")].contains(data.first)
        let isList = data.count > 1 && data[0] == UInt8(ascii: "[") && !(data[1] | 0x20).isLowercaseLetter
        guard looksLikeData || isList, Self.hasEvents(named: name) else { return .continue }
        return failure(.malformed, "an event is not JSON: \(error)")
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
        var failure = failed(detail.code(status: nil), detail.message)
        failure.retryAfter = detail.wait(now: Double(time(nil)))
        return .fail(failure)
    }
}

extension SSEEvent {
    /// The sign with which OpenAI's and most compatible servers close a stream.
    var isDone: Bool {
        let data = data.trimmed
        return data.count == 6 && String(decoding: data, as: UTF8.self).uppercased() == "[DONE]"
    }

    /// Whether the data are something by themselves, so that they were not cut.
    var isWhole: Bool { isDone || (try? WireJSON(data.trimmed))?.value.object != nil }
}

extension [UInt8] {
    /// Without white space at either end.
    var trimmed: [UInt8] {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) || byte == 0 }
        guard let first = firstIndex(where: { !isSpace($0) }), let last = lastIndex(where: { !isSpace($0) }) else {
            return []
        }
        return first == 0 && last == count - 1 ? self : Array(self[first...last])
    }
}

extension UInt8 {
    fileprivate var isLowercaseLetter: Bool { UInt8(ascii: "a")...UInt8(ascii: "z") ~= self }
}
