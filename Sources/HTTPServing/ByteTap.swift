import NIOCore

/// Shows the gate what comes before the decoder does: the beginning of a head, and what nobody will read.
final class ByteTap: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let gate: ConnectionGate

    init(gate: ConnectionGate) {
        self.gate = gate
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if gate.receive(unwrapInboundIn(data)) { context.fireChannelRead(data) }
    }
}
