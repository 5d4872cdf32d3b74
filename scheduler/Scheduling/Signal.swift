/// A bell that many may ring and one waits for; rings while nobody waits are one ring.
final class Signal: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func ring() {
        continuation.yield()
    }

    /// Ends the loops that listen.
    func close() {
        continuation.finish()
    }

    /// One element per ring, until closed or the listening task is cancelled. For one listener.
    var rings: AsyncStream<Void> { stream }
}
