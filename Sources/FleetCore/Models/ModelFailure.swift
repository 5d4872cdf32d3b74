/// Why a call to a model did not give a complete answer.
package struct ModelFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// What the failure means for the step; `RetryPolicy` decides on it.
    package enum Code: String, Sendable, CaseIterable {
        /// 429 with a rate limit: costs no attempt.
        case rateLimited = "rate_limited"
        /// 503, 529: the provider is overloaded.
        case overloaded
        /// 500, 502, 504, 408, 409 and connection failures after the request may have been sent.
        case serverError = "server_error"
        /// The connection could not be made: nothing was sent.
        case unreachable
        /// The request's own deadline passed.
        case timedOut = "timed_out"
        /// The stream ended without its closing event.
        case truncated
        /// The answer stopped at the token limit: the provider closed it, and bills it.
        case outputLimit = "output_limit"
        /// The provider's own framing or JSON could not be read.
        case malformed
        /// Credit or spend limit used up: opens the circuit of that credential until a human acts.
        case quotaExhausted = "quota_exhausted"
        /// The model declined to answer.
        case refused
        /// 413, or the context window is exceeded: the fault is this prompt's, and another model may have room for it.
        case promptTooLarge = "prompt_too_large"
        /// 400, 422: the same request will fail again.
        case invalidRequest = "invalid_request"
        /// 401, 403: the credential is wrong.
        case unauthorized
        /// 404: the model is not there (any more).
        case modelNotFound = "model_not_found"
        /// The caller cancelled.
        case cancelled
    }

    /// Decides what becomes of the step and of the provider's circuit.
    package var code: Code
    /// HTTP status, if an answer began.
    package var status: Int?
    /// A short text that is safe to log and to show: never holds a credential or a prompt.
    package var message: String
    /// The provider asked to wait at least this long.
    package var retryAfter: Duration?
    /// The parameter that the provider refused, if it named one that the request could do without.
    package var refusedParameter: String?
    /// What the provider said about the call's tokens before it failed.
    package var usage: ReportedUsage
    /// A part of an answer may have been generated; false: the provider ended the call before it began one.
    package var mayHaveOutput: Bool
    /// The provider's id of the request, for support and for the ledger; nil if it gave none.
    package var providerRequestID: String?

    /// What is left out was not said, or the call did not get that far.
    package init(
        _ code: Code, status: Int? = nil, message: String, retryAfter: Duration? = nil,
        usage: ReportedUsage = .nothing, mayHaveOutput: Bool = true, providerRequestID: String? = nil
    ) {
        self.code = code
        self.status = status
        self.message = message
        self.retryAfter = retryAfter
        self.usage = usage
        self.mayHaveOutput = mayHaveOutput
        self.providerRequestID = providerRequestID
    }

    /// Code, HTTP status and message: the step's `error`, and safe to log.
    package var description: String {
        "\(code.rawValue)\(status.map { " (HTTP \($0))" } ?? ""): \(message)"
    }

    /// A request may have left for the provider: the call is in the ledger and counts against the limit. What is
    /// wrong with a request, its model or its credential may be found out here as well, and then there is no status.
    package var wasSent: Bool {
        switch code {
        case .unreachable: false
        case .invalidRequest, .unauthorized, .modelNotFound: status != nil
        case .rateLimited, .overloaded, .serverError, .timedOut, .truncated, .outputLimit, .malformed,
            .quotaExhausted, .refused, .promptTooLarge, .cancelled:
            true
        }
    }

    /// Whether the same request may succeed later, at this provider or another.
    package var isRetriable: Bool {
        switch code {
        case .rateLimited, .overloaded, .serverError, .unreachable, .timedOut, .truncated, .outputLimit, .malformed:
            true
        case .quotaExhausted, .refused, .promptTooLarge, .invalidRequest, .unauthorized, .modelNotFound, .cancelled:
            false
        }
    }
}
