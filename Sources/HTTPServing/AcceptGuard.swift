import Glibc
package import NIOCore

/// Keeps a server accepting when a connection could not be accepted: when files are used up, or a client has left again.
///
/// Unguarded the first such error ends the server.
package final class AcceptGuard: ChannelDuplexHandler, RemovableChannelHandler, Sendable {
    /// Nothing is wanted of the connections themselves.
    package typealias InboundIn = NIOAny
    /// Connections go on as they come.
    package typealias OutboundIn = NIOAny

    /// Until then a file may have become free.
    static let pause = TimeAmount.milliseconds(100)

    private struct State {
        var isPausing = false
        var isReadHeld = false
    }

    private let state: NIOLoopBoundBox<State>

    init(eventLoop: any EventLoop) {
        state = NIOLoopBoundBox(State(), eventLoop: eventLoop)
    }

    /// Guards a server's channel, as it is when it listens.
    package static func install(on channel: any Channel) async {
        try? await channel.eventLoop.submit {
            try channel.pipeline.syncOperations.addHandler(
                AcceptGuard(eventLoop: channel.eventLoop), position: .first)
        }.get()
    }

    /// Swallows what concerns a connection that is not there, and stops accepting for a moment.
    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? IOError, Self.isPassing(error) else { return context.fireErrorCaught(error) }
        guard !state.value.isPausing else { return }
        state.value.isPausing = true
        context.eventLoop.assumeIsolated().scheduleTask(in: Self.pause) { [state] in
            let isReadHeld = state.value.isReadHeld
            state.value = State()
            if isReadHeld { context.read() }
        }
    }

    /// Asks for connections unless it is useless now.
    package func read(context: ChannelHandlerContext) {
        if state.value.isPausing { state.value.isReadHeld = true } else { context.read() }
    }

    private static func isPassing(_ error: IOError) -> Bool {
        [ECONNABORTED, EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(error.errnoCode)
    }
}
