import HTTPTransport
import JSON

/// What a collector says to a batch.
enum CollectorAnswer: Equatable {
    /// All but so many of it.
    case taken(rejected: Int, why: String)
    /// It will not take this batch however often it is sent.
    case refused(String)
    /// It may take it later, at the soonest after this time.
    case away(String, retryAfter: Duration?)

    /// The answer as OTLP over HTTP has it.
    ///
    /// - Parameter body: empty if it could not be read.
    init(status: Int, headers: HTTPHeaders, body: [UInt8]) {
        switch status {
        case 200..<300:
            let partial = (try? JSONValue(parsing: body))?["partialSuccess"]
            let rejected = partial?["rejectedSpans"]
            let count = rejected?.int ?? rejected?.string.flatMap { Int($0) } ?? 0
            self = .taken(rejected: max(0, count), why: partial?["errorMessage"]?.string ?? "")
        case 429, 502, 503, 504:
            let seconds = headers["retry-after"].flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil }
            self = .away("HTTP \(status)", retryAfter: seconds.map { .seconds($0) })
        case 404: self = .refused("HTTP 404: the address has to be the whole one, usually ending in /v1/traces")
        default: self = .refused("HTTP \(status)")
        }
    }

    init(_ error: HTTPError) {
        self = error.isRetriable ? .away(error.description, retryAfter: nil) : .refused(error.description)
    }
}
