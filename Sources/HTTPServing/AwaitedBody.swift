import HTTPTypes
import HummingbirdCore
import NIOCore

/// A body that its client sends when it is told to: as soon as the application reads it, and not if it never does.
struct AwaitedBody: AsyncSequence, Sendable {
    private let body: RequestBody
    private let channel: any Channel

    /// The request itself unless its client waits.
    static func wrap(_ request: Request, _ channel: any Channel) -> Request {
        guard request.headers[.expect] != nil else { return request }
        let body = AwaitedBody(body: request.body, channel: channel)
        return Request(head: request.head, body: RequestBody(asyncSequence: body))
    }

    func makeAsyncIterator() -> Iterator { Iterator(channel: channel, base: body.makeAsyncIterator()) }

    struct Iterator: AsyncIteratorProtocol {
        fileprivate var channel: (any Channel)?
        fileprivate var base: RequestBody.AsyncIterator

        mutating func next() async throws -> ByteBuffer? {
            if let channel {
                self.channel = nil
                channel.triggerUserOutboundEvent(ConnectionGate.BodyWanted(), promise: nil)
            }
            return try await base.next()
        }
    }
}
