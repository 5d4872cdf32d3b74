import Hummingbird
import Synchronization

/// Answers on their way to a client that may read none of them before it has sent its last line.
///
/// They wait in memory up to the limit, so that reading never waits for the client; what is beyond is not taken.
final class BulkAnswers: Sendable {
    /// Which lines are answered singly.
    enum Choice: String, CaseIterable, Sendable {
        case all, failed, none
    }

    private let limit: Int
    private let waiting = Mutex(0)
    private let stream: AsyncStream<ByteBuffer>
    private let source: AsyncStream<ByteBuffer>.Continuation

    init(limit: Int) {
        self.limit = limit
        (stream, source) = AsyncStream.makeStream()
    }

    /// - Returns: false if too many wait already.
    func append(_ answers: ByteBuffer) -> Bool {
        let fits = waiting.withLock { waiting in
            guard waiting + answers.readableBytes <= limit else { return false }
            waiting += answers.readableBytes
            return true
        }
        if fits { source.yield(answers) }
        return fits
    }

    /// Always taken; nothing follows.
    func finish(_ last: ByteBuffer) {
        source.yield(last)
        source.finish()
    }

    /// Writes them as the client takes them, until the last one.
    ///
    /// - Throws: when the client is gone, after the last one all the same: what is being written to the database is
    ///   not broken off.
    func write(to writer: inout any ResponseBodyWriter) async throws {
        var failure: (any Error)?
        for await answers in stream {
            waiting.withLock { $0 -= answers.readableBytes }
            guard failure == nil else { continue }
            do {
                try await writer.write(answers)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }
}
