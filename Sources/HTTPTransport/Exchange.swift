internal import Synchronization

/// One request with its response: the meeting point of the reading task and the owner thread.
final class Exchange: Sendable {
    let url: String
    /// Milliseconds for the whole exchange.
    let timeout: Int
    private let bufferLimit: Int
    private let state = Mutex(ExchangeState())
    /// Sends a command to the owner thread.
    private let post: @Sendable (TransferCommand) -> Void

    init(
        url: String, timeout: Int, bufferLimit: Int, post: @escaping @Sendable (TransferCommand) -> Void
    ) {
        self.url = url
        self.timeout = timeout
        self.bufferLimit = bufferLimit
        self.post = post
    }

    // MARK: Owner thread

    func receive(_ head: ResponseHead) {
        state.withLock { $0.receive(head) }?.resume(returning: .success(head))
    }

    /// Takes a piece of the body; false if the transfer has to pause.
    func receive(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        switch state.withLock({ $0.receive(bytes, limit: bufferLimit) }) {
        case .stored: return true
        case .handOver(let waiter):
            waiter.resume(returning: .success(Array(bytes)))
            return true
        case .pause: return false
        }
    }

    func finish(_ error: HTTPError?) {
        let result = error.map { Result<Void, HTTPError>.failure($0) } ?? .success(())
        let (head, chunk) = state.withLock { $0.finish(result) }
        if let error {
            head?.resume(returning: .failure(error))
            chunk?.resume(returning: .failure(error))
        } else {
            chunk?.resume(returning: .success(nil))
        }
    }

    // MARK: Reader

    func head() async throws(HTTPError) -> ResponseHead {
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                if case .ready(let result) = state.withLock({ $0.takeHead(waiter: waiter) }) {
                    waiter.resume(returning: result)
                }
            }
        } onCancel: {
            abandon()
        }
        return try result.get()
    }

    func nextChunk(isolation: isolated (any Actor)?) async throws(HTTPError) -> [UInt8]? {
        let (demand, resumes) = state.withLock { $0.takeChunk() }
        if resumes { post(.resume(self)) }
        if case .ready(let result) = demand { return try result.get() }
        let result = await withTaskCancellationHandler(
            operation: {
                await withCheckedContinuation(isolation: isolation) { waiter in
                    let (demand, resumes) = state.withLock { $0.takeChunk(waiter: waiter) }
                    if resumes { post(.resume(self)) }
                    if case .ready(let result) = demand { waiter.resume(returning: result) }
                }
            }, onCancel: { abandon() }, isolation: isolation)
        return try result.get()
    }

    /// Ends the exchange for the reader and lets the transfer run out, so that its connection can be reused.
    func discard() {
        let (wasRunning, _, chunk) = state.withLock { $0.abandon(.success(())) }
        chunk?.resume(returning: .success(nil))
        if wasRunning { post(.discard(self)) }
    }

    /// Ends the exchange and closes its stream or connection, unless it is complete.
    func abandon() {
        let error = HTTPError(.cancelled, "the caller gave up", url: url, wasSent: true)
        let (wasRunning, head, chunk) = state.withLock { $0.abandon(.failure(error)) }
        head?.resume(returning: .failure(error))
        chunk?.resume(returning: .failure(error))
        if wasRunning { post(.cancel(self)) }
    }
}
