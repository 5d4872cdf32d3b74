internal import FleetCore
internal import HTTPTransport
import JSON

extension ModelFailure {
    /// A response that is no answer, by the retry table.
    ///
    /// - Parameters:
    ///   - body: what was read of it; JSON, a web page or nothing.
    ///   - now: seconds since 1970.
    ///   - request: what was asked for, to tell a wrong address from a wrong model.
    init(status: Int, headers: HTTPHeaders, body: [UInt8], now: Double, request: ProviderRequest? = nil) {
        let json = try? WireJSON(body.trimmed).value
        let detail = ProviderErrorDetail(json ?? .null)
        let code: Code
        switch status {
        case 200..<300:
            // An error that a server reports with a good status; anything else is no answer.
            code = json?.wholeError != nil ? detail.code(status: nil) : .malformed
        case 300..<400: code = .invalidRequest
        default: code = detail.code(status: status)
        }
        var message = detail.message
        if 200..<300 ~= status, code == .malformed {
            message = "the answer is no event stream"
        } else if message.isEmpty {
            message = "no readable error body"
        }
        if 300..<400 ~= status {
            message = "the server redirects elsewhere: \(request?.addressHint ?? "check the base URL")"
        } else if status == 404 || status == 405, !detail.namesModel(request?.modelID), let hint = request?.addressHint
        {
            message = "nothing is served at this address: \(hint) (\(message))"
        }
        var wait = ResponseHeaders.retryAfter(headers, now: now) ?? detail.wait(now: now)
        if wait == nil, code == .rateLimited {
            wait = ResponseHeaders.reset(headers, naming: detail.words, now: now)
        }
        self.init(
            code, status: status, message: message, retryAfter: wait,
            providerRequestID: ResponseHeaders.requestID(headers) ?? json?["request_id"]?.string)
        if let request, code == .invalidRequest, status == 400 || status == 422 {
            refusedParameter = ParameterRefusal(detail, json ?? .null).name(among: request.form.names)
        }
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
