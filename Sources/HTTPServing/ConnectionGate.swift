import NIOCore
import NIOHTTP1

/// Guards a connection behind the decoder: closes it on clients that are silent, answers what is no request of ours,
/// tells waiting clients to send their bodies, and ends it so that the last answer arrives.
///
/// A thin shell of ``ConnectionState``; all of it is confined to the connection's event loop.
final class ConnectionGate: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// Sent outwards when the application begins to read a body.
    struct BodyWanted: Sendable {}

    private let limits: ConnectionLimits
    private let describe: @Sendable (HTTPRefusal) -> HTTPRefusal.Answer
    private var state: ConnectionState
    private var timer: (deadline: NIODeadline, task: Scheduled<Void>)?

    init(limits: ConnectionLimits, describe: @escaping @Sendable (HTTPRefusal) -> HTTPRefusal.Answer) {
        self.limits = limits
        self.describe = describe
        state = ConnectionState(limits: limits, at: .now())
    }

    /// - Returns: false if the decoder is not to see the bytes.
    func receive(_ bytes: ByteBuffer) -> Bool { state.receive(bytes, at: .now()) }

    // MARK: In

    func channelActive(context: ChannelHandlerContext) {
        arm(.now() + TimeAmount(limits.idle), context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        disarm()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { disarm() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            if let head = state.receive(head) { context.fireChannelRead(wrapInboundOut(.head(head))) }
        case .body(let bytes):
            if state.receive(bodyBytes: bytes.readableBytes) { context.fireChannelRead(data) }
        case .end:
            if state.receiveEnd() { context.fireChannelRead(data) }
        }
        settle(context)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if let deadline = state.readEnded(at: .now()) { arm(deadline, context) }
        context.fireChannelReadComplete()
        // The application does not ask for what nobody reads.
        if state.isFinishing { context.read() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError else {
            // What comes after an unreadable byte.
            if error is ByteToMessageDecoderError { return }
            return context.fireErrorCaught(error)
        }
        if let failure = state.receive(error) { context.fireErrorCaught(failure) }
        settle(context)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent where state.drain(): return context.close(promise: nil)
        case ChannelEvent.inputClosed where state.isFinishing: return context.close(promise: nil)
        case ChannelEvent.outputClosed:
            guard state.outputClosed(at: .now()) else { return context.close(promise: nil) }
            arm(.now() + TimeAmount(limits.lingerIdle), context)
            context.read()
        default: break
        }
        context.fireUserInboundEventTriggered(event)
    }

    // MARK: Out

    func read(context: ChannelHandlerContext) {
        state.readBegan(at: .now())
        context.read()
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is BodyWanted else { return context.triggerUserOutboundEvent(event, promise: promise) }
        promise?.succeed()
        if state.wantBody(at: .now()) { write(.continue, context) }
    }

    private func write(_ interim: HTTPResponseStatus, _ context: ChannelHandlerContext) {
        let head = HTTPResponseHead(version: .http1_1, status: interim)
        context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head):
            // An answer that streams while the body is read begins before it.
            if head.status.code < 400, state.wantBody(at: .now()) { write(.continue, context) }
            guard let head = state.answer(head) else { return Self.drop(promise) }
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .body:
            guard state.writesBody else { return Self.drop(promise) }
            context.write(data, promise: promise)
        case .end:
            guard state.answerEnded(at: .now()) else { return Self.drop(promise) }
            context.write(data, promise: promise)
            settle(context)
        }
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        switch mode {
        case .output where state.isFinishing: promise?.succeed()
        case .output:
            state.finish()
            context.close(mode: .output, promise: promise)
        case .all where state.isFinishing: context.channel.closeFuture.cascade(to: promise)
        default: context.close(mode: mode, promise: promise)
        }
    }

    /// What is written after the last answer is of no use to anybody.
    private static func drop(_ promise: EventLoopPromise<Void>?) { promise?.succeed() }

    private func settle(_ context: ChannelHandlerContext) {
        switch state.step {
        case nil: return
        case .finish: context.flush()
        case .refuse(let refusal):
            let answer = describe(refusal)
            var head = HTTPResponseHead(version: .http1_1, status: HTTPResponseStatus(statusCode: refusal.status))
            for (name, value) in answer.headers { head.headers.add(name: name, value: value) }
            head.headers.add(name: "Content-Type", value: answer.contentType)
            head.headers.add(name: "Content-Length", value: "\(answer.body.readableBytes)")
            head.headers.add(name: "Connection", value: "close")
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(answer.body))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
        state.finish()
        context.close(mode: .output, promise: nil)
    }

    // MARK: Deadlines

    private func arm(_ deadline: NIODeadline, _ context: ChannelHandlerContext) {
        if let timer {
            guard deadline < timer.deadline else { return }
            timer.task.cancel()
        }
        let task = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { self.expire(context) }
        timer = (deadline, task)
    }

    private func disarm() {
        timer?.task.cancel()
        timer = nil
    }

    private func expire(_ context: ChannelHandlerContext) {
        timer = nil
        let buffered = (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        // What waits here gets less in big steps only: the system's own buffer empties by a third before it takes more.
        let acknowledged = buffered > 0 ? AcknowledgedBytes.of(context.channel) : 0
        switch state.expire(at: .now(), buffered: buffered, acknowledged: acknowledged) {
        case .wait(let deadline): return arm(deadline, context)
        case .close: return context.close(promise: nil)
        case .fail(let refusal): context.fireErrorCaught(refusal)
        case .refuse: break
        }
        settle(context)
        arm(.now() + TimeAmount(limits.idle), context)
    }
}
