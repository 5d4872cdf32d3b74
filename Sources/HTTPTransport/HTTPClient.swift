internal import BlockingIO

/// An HTTP client over libcurl: HTTP/2 over TLS where the peer offers it and libcurl
/// can be trusted with it, otherwise HTTP/1.1; connections are reused.
///
/// One thread owns libcurl's multi handle and waits with epoll, so the cost of an idle stream is its memory. The
/// client retries nothing, follows no redirects and reads no environment variables.
package final class HTTPClient: Sendable {
    private let configuration: HTTPClientConfiguration
    private let thread: OwnerThread<TransferCommand>

    /// Starts the client's thread.
    ///
    /// - Throws: ``HTTPError`` with `unreachable` if the process is out of threads or file descriptors.
    package init(configuration: HTTPClientConfiguration = .init()) throws(HTTPError) {
        self.configuration = configuration
        do {
            let eventFD = try EventFD()
            let resources = try LoopResources(eventFD: eventFD)
            thread = try OwnerThread(name: "http", ring: { eventFD.ring() }) { mailbox in
                TransferLoop(configuration: configuration, resources: resources).run(mailbox)
            }
        } catch {
            throw HTTPError(.unreachable, "the client could not start: \(error)", url: "")
        }
    }

    deinit {
        // Without an explicit shutdown the thread ends by itself; it is not waited for.
        _ = thread.post(.shutDown(nil))
    }

    /// Sends a request and returns when the response's head is there.
    ///
    /// Cancelling the task closes the stream, as does dropping the response's body.
    /// - Parameters:
    ///   - request: is refused with `invalidRequest` if a header could smuggle in another line.
    ///   - timeout: for the whole exchange, the body included.
    package func execute(_ request: consuming HTTPRequest, timeout: Duration) async throws(HTTPError) -> HTTPResponse {
        try request.validate()
        guard !Task.isCancelled else { throw HTTPError(.cancelled, "the caller gave up", url: request.url) }
        let thread = thread
        let url = request.url
        let exchange = Exchange(
            url: url, timeout: timeout.milliseconds, bufferLimit: configuration.bodyBufferLimit
        ) { command in
            // Refused only after shutdown, which has ended the exchange.
            _ = thread.post(command)
        }
        let body = HTTPBody(exchange: exchange)
        // Hands the request over, so that its body is not kept twice while the response comes.
        guard thread.post(.start(exchange, request)) else {
            throw HTTPError(.shutDown, "the client was shut down", url: url)
        }
        let head = try await exchange.head()
        return HTTPResponse(status: head.status, headers: head.headers, body: body)
    }

    /// Fails every exchange with `shutDown`, closes all connections and ends the thread.
    package func shutdown() async {
        await withCheckedContinuation { continuation in
            if !thread.post(.shutDown(continuation)) { continuation.resume() }
        }
        // The thread has nothing left to do but return.
        thread.join()
    }
}

extension Duration {
    /// Whole milliseconds, at least one: libcurl takes zero as "no limit".
    var milliseconds: Int {
        let (seconds, attoseconds) = components
        let limit = Int64(Int32.max)
        guard seconds < limit / 1000 else { return Int(limit) }
        return max(1, Int(seconds * 1000 + attoseconds / 1_000_000_000_000_000))
    }
}
