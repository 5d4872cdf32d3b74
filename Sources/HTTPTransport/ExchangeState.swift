/// What reader and transfer know of one exchange. The reader asks for head and chunks, the transfer delivers them.
///
/// Invariants: a waiting continuation exists only while there is nothing to give it; after `end` is set nothing is
/// added; every continuation is taken out before it is resumed, so it is resumed once.
struct ExchangeState {
    typealias HeadWaiter = CheckedContinuation<Result<ResponseHead, HTTPError>, Never>
    typealias ChunkWaiter = CheckedContinuation<Result<[UInt8]?, HTTPError>, Never>

    private(set) var isPaused = false
    private var head: ResponseHead?
    private var headWaiter: HeadWaiter?
    private var chunkWaiter: ChunkWaiter?
    private var buffer: [UInt8] = []
    /// How the transfer ended; nil while it runs.
    private var end: Result<Void, HTTPError>?

    // MARK: Transfer

    mutating func receive(_ head: ResponseHead) -> HeadWaiter? {
        guard end == nil else { return nil }
        self.head = head
        defer { headWaiter = nil }
        return headWaiter
    }

    /// What became of a piece of the body.
    enum Delivery {
        case stored
        /// The reader waits: it gets the piece at once.
        case handOver(ChunkWaiter)
        /// The buffer is full: the piece stays with the transfer until the reader has caught up.
        case pause
    }

    mutating func receive(_ bytes: UnsafeBufferPointer<UInt8>, limit: Int) -> Delivery {
        guard end == nil else { return .stored }
        if let waiter = chunkWaiter {
            chunkWaiter = nil
            return .handOver(waiter)
        }
        guard buffer.count < limit else {
            isPaused = true
            return .pause
        }
        buffer.append(contentsOf: bytes)
        return .stored
    }

    mutating func finish(_ result: Result<Void, HTTPError>) -> (HeadWaiter?, ChunkWaiter?) {
        guard end == nil else { return (nil, nil) }
        end = result
        defer { (headWaiter, chunkWaiter) = (nil, nil) }
        return (headWaiter, chunkWaiter)
    }

    // MARK: Reader

    /// What the reader has to do next.
    enum Demand<Value> {
        case ready(Value)
        case wait
    }

    mutating func takeHead(waiter: HeadWaiter) -> Demand<Result<ResponseHead, HTTPError>> {
        if let head { return .ready(.success(head)) }
        if case .failure(let error)? = end { return .ready(.failure(error)) }
        headWaiter = waiter
        return .wait
    }

    /// The next chunk if it is there, and whether the transfer has to be resumed.
    mutating func takeChunk() -> (Demand<Result<[UInt8]?, HTTPError>>, resumes: Bool) {
        if !buffer.isEmpty {
            var chunk: [UInt8] = []
            swap(&chunk, &buffer)
            defer { isPaused = false }
            return (.ready(.success(chunk)), isPaused && end == nil)
        }
        switch end {
        case .success?: return (.ready(.success(nil)), false)
        case .failure(let error)?: return (.ready(.failure(error)), false)
        case nil: return (.wait, false)
        }
    }

    /// Like ``takeChunk()``, but remembers who waits.
    mutating func takeChunk(waiter: ChunkWaiter) -> (Demand<Result<[UInt8]?, HTTPError>>, resumes: Bool) {
        let outcome = takeChunk()
        if case .wait = outcome.0 { chunkWaiter = waiter }
        return outcome
    }

    /// Ends the exchange from the reader's side; false if it has ended before. Bytes not yet read are dropped.
    mutating func abandon(_ result: Result<Void, HTTPError>) -> (wasRunning: Bool, HeadWaiter?, ChunkWaiter?) {
        buffer = []
        let wasRunning = end == nil
        let (head, chunk) = finish(result)
        return (wasRunning, head, chunk)
    }
}
