/// The bytes of a response, as they come; to be read once.
///
/// The end of the sequence is the end of the response: if the connection ends early, the sequence throws
/// `connectionLost` after the bytes that came. A slow reader makes the transfer pause.
package struct HTTPBody: AsyncSequence, Sendable {
    /// A chunk, never empty; its borders mean nothing.
    package typealias Element = [UInt8]
    /// Why the response did not come to its end.
    package typealias Failure = HTTPError

    /// Ends the exchange when the last reference goes away; the owner thread holds the exchange, never this.
    fileprivate final class Handle: Sendable {
        let exchange: Exchange

        init(exchange: Exchange) {
            self.exchange = exchange
        }

        deinit { exchange.abandon() }
    }

    private let handle: Handle

    init(exchange: Exchange) {
        handle = Handle(exchange: exchange)
    }

    /// For one reader: iterators share the bytes, each chunk goes to one of them.
    package func makeAsyncIterator() -> Iterator { Iterator(handle: handle) }

    /// Reads chunk after chunk.
    package struct Iterator: AsyncIteratorProtocol {
        fileprivate let handle: Handle

        /// The next bytes, never empty; nil after the last.
        package mutating func next(isolation actor: isolated (any Actor)?) async throws(HTTPError) -> [UInt8]? {
            try await handle.exchange.nextChunk(isolation: actor)
        }

        /// The next bytes, never empty; nil after the last.
        package mutating func next() async throws(HTTPError) -> [UInt8]? {
            try await handle.exchange.nextChunk(isolation: #isolation)
        }
    }

    /// Tells that no more of the body is wanted although the rest may come and is short.
    ///
    /// Unlike dropping the body this lets the response end by itself for a moment, so that an HTTP/1.1 connection
    /// survives. Returns at once; readers see the end.
    package func discardRest() {
        handle.exchange.discard()
    }

    /// Reads the whole body.
    ///
    /// - Parameter limit: a longer body throws `tooLarge`, and the stream is closed.
    package func collect(upTo limit: Int) async throws(HTTPError) -> [UInt8] {
        var bytes: [UInt8] = []
        var iterator = makeAsyncIterator()
        while let chunk = try await iterator.next() {
            guard bytes.count + chunk.count <= limit else {
                handle.exchange.abandon()
                throw HTTPError(
                    .tooLarge, "the body is longer than \(limit) bytes", url: handle.exchange.url, wasSent: true)
            }
            if bytes.isEmpty { bytes = chunk } else { bytes.append(contentsOf: chunk) }
        }
        return bytes
    }
}
