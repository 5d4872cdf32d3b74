package import HummingbirdCore
import Logging
package import NIOCore
import NIOHTTP1

/// HTTP/1 connections with a gate behind the decoder.
struct GuardedConnection: ServerChildChannel {
    private let base: HTTP1Channel
    private let limits: ConnectionLimits
    private let describe: @Sendable (HTTPRefusal) -> HTTPRefusal.Answer

    init(
        limits: ConnectionLimits, handlers: @escaping @Sendable () -> [any RemovableChannelHandler],
        describe: @escaping @Sendable (HTTPRefusal) -> HTTPRefusal.Answer,
        responder: @escaping HTTPChannelHandler.Responder
    ) {
        let decoder = HTTP1Channel.Configuration.DecoderConfiguration(
            maxHeaderFieldSize: limits.headBytes, maxHeaderListSize: limits.headBytes,
            maxHeaderFieldCount: limits.headFields)
        base = HTTP1Channel(
            responder: { request, writer, channel in
                try await responder(AwaitedBody.wrap(request, channel), writer, channel)
            },
            configuration: .init(additionalChannelHandlers: handlers(), httpDecoderConfiguration: decoder))
        self.limits = limits
        self.describe = describe
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
        base.setup(channel: channel, logger: logger).flatMapThrowing { value in
            let pipeline = channel.pipeline.syncOperations
            let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            let gate = ConnectionGate(limits: limits, describe: describe)
            try pipeline.addHandler(gate, position: .after(decoder))
            try pipeline.addHandler(ByteTap(gate: gate), position: .first)
            return value
        }
    }

    func handle(value: HTTP1Channel.Value, logger: Logger) async {
        await base.handle(value: value, logger: logger)
    }
}

extension HTTPServerBuilder {
    /// HTTP/1 on connections that no client can hold with silence, and that end so that the last answer arrives.
    ///
    /// - Parameters:
    ///   - handlers: more handlers of each connection, behind the gate.
    ///   - describe: how requests are refused that never reach the application.
    package static func guarded(
        _ limits: ConnectionLimits = ConnectionLimits(),
        handlers: @autoclosure @escaping @Sendable () -> [any RemovableChannelHandler] = [],
        describe: @escaping @Sendable (HTTPRefusal) -> HTTPRefusal.Answer = { .text($0) }
    ) -> HTTPServerBuilder {
        HTTPServerBuilder { responder in
            GuardedConnection(limits: limits, handlers: handlers, describe: describe, responder: responder)
        }
    }
}
