import NIOCore

/// Knows whether the client of a connection is still there, and holds the timer of the request being answered.
///
/// A client that shuts its side ends the connection: HTTP clients do that only when they have given up. All state is
/// confined to the connection's event loop.
final class ConnectionWatch: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny
    typealias InboundOut = NIOAny

    enum WaitEnd: Sendable {
        case elapsed
        case clientLeft
        /// The server is shutting down; only waits that ask for it end this way.
        case draining
    }

    private struct Wait {
        var promise: EventLoopPromise<WaitEnd>
        var timer: Scheduled<Void>
        var endsWhenDraining: Bool
    }

    private var wait: Wait?
    private var isOpen = true
    private var isDraining = false

    /// Waits on a connection, without a thread or a task of its own.
    static func wait(_ time: TimeAmount, on channel: any Channel, endsWhenDraining: Bool = false) async -> WaitEnd {
        let promise = channel.eventLoop.makePromise(of: WaitEnd.self)
        channel.eventLoop.execute {
            guard let watch = try? channel.pipeline.syncOperations.handler(type: ConnectionWatch.self) else {
                return promise.succeed(.clientLeft)
            }
            watch.begin(time, promise, on: channel.eventLoop, endsWhenDraining: endsWhenDraining)
        }
        return (try? await promise.futureResult.get()) ?? .clientLeft
    }

    private func begin(
        _ time: TimeAmount, _ promise: EventLoopPromise<WaitEnd>, on eventLoop: any EventLoop, endsWhenDraining: Bool
    ) {
        guard isOpen else { return promise.succeed(.clientLeft) }
        if isDraining, endsWhenDraining { return promise.succeed(.draining) }
        let timer = eventLoop.assumeIsolated().scheduleTask(in: time) { self.end(.elapsed) }
        wait = Wait(promise: promise, timer: timer, endsWhenDraining: endsWhenDraining)
    }

    private func end(_ reason: WaitEnd) {
        guard let wait else { return }
        self.wait = nil
        wait.timer.cancel()
        wait.promise.succeed(reason)
    }

    func channelInactive(context: ChannelHandlerContext) {
        isOpen = false
        end(.clientLeft)
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        isOpen = false
        end(.clientLeft)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed {
            context.close(promise: nil)
        } else if event is ChannelShouldQuiesceEvent {
            isDraining = true
            if wait?.endsWhenDraining == true { end(.draining) }
        }
        context.fireUserInboundEventTriggered(event)
    }
}
