/// Many give it, one waits for it; those given while nobody waits are one.
package final class Nudge: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    package init() {
        (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    package func give() {
        continuation.yield()
    }

    /// Ends the loop that listens.
    package func close() {
        continuation.finish()
    }

    /// One element per nudge, until closed or the listening task is cancelled. For one listener.
    package var all: AsyncStream<Void> { stream }
}
