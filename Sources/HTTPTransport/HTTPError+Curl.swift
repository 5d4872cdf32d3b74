internal import CCurl

extension HTTPError {
    /// The one place where libcurl's codes get their meaning.
    ///
    /// - Parameters:
    ///   - isSent: the request's first byte may have left.
    ///   - isAnswered: a response head came.
    init(_ result: CURLcode, url: String, isSent: Bool, isAnswered: Bool) {
        let code: Code
        switch result {
        case CURLE_OPERATION_TIMEDOUT: code = .timedOut
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL:
            // After the request the same code means that the answer is no HTTP/1.0 or later.
            code = isSent ? .malformed : .invalidRequest
        case CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING, CURLE_HTTP2: code = .malformed
        case CURLE_ABORTED_BY_CALLBACK: code = .connectionLost
        case CURLE_OUT_OF_MEMORY: code = isSent ? .connectionLost : .unreachable
        default: code = isSent ? .connectionLost : .unreachable
        }
        let place = isAnswered ? "in the response" : isSent ? "before the response" : "before the request"
        let text = String(cString: curl_easy_strerror(result))
        self.init(code, "\(text), \(place) (curl \(result.rawValue))", url: url, wasSent: isSent)
    }
}
