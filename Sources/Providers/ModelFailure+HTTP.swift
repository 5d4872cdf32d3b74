internal import FleetCore
internal import HTTPTransport

extension ModelFailure {
    /// A response that is no answer, by the retry table.
    ///
    /// - Parameters:
    ///   - body: what was read of it; JSON, a web page or nothing.
    ///   - now: seconds since 1970.
    init(status: Int, headers: HTTPHeaders, body: [UInt8], now: Double) {
        let json = try? JSONValue(parsing: body)
        let detail = ProviderErrorDetail(json ?? .null)
        let code: Code
        switch status {
        case 200..<300:
            // An error that a server reports with a good status; anything else is no stream.
            let hasError = json?["error"].map { !$0.isNull } ?? false
            code = hasError ? detail.code(status: nil) : .malformed
        case 300..<400: code = .invalidRequest
        default: code = detail.code(status: status)
        }
        var message = detail.message
        if 300..<400 ~= status {
            message = "the server redirects elsewhere: check the base URL"
        } else if 200..<300 ~= status, code == .malformed {
            message = "the answer is no event stream"
        } else if message.isEmpty {
            message = "no readable error body"
        }
        self.init(
            code, status: status, message: message, retryAfter: ResponseHeaders.retryAfter(headers, now: now),
            providerRequestID: ResponseHeaders.requestID(headers) ?? json?["request_id"]?.string,
            limits: ResponseHeaders.limits(headers))
    }

    /// An exchange that gave no response.
    init(_ error: HTTPError) {
        let code: Code
        switch error.code {
        case .unreachable: code = .unreachable
        case .connectionLost: code = .serverError
        // The connection's own time limit: the request never left.
        case .timedOut: code = error.requestMayHaveBeenSent ? .timedOut : .unreachable
        case .cancelled, .shutDown: code = .cancelled
        case .tooLarge, .malformed: code = .malformed
        case .invalidRequest: code = .invalidRequest
        }
        self.init(code, message: ProviderErrorDetail.safe(error.description))
    }

    /// An exchange that ended inside the stream.
    init(_ error: HTTPError, in stream: some ReplyStream) {
        self.init(error)
        if error.code == .connectionLost { code = .truncated }
        usage = stream.usage
        mayHaveOutput = stream.hasOutput
    }
}
