import Glibc
import NIOCore
import NIOEmbedded
import Testing

@testable import HTTPServing

struct AcceptGuardTests {
    private final class Reads: ChannelOutboundHandler {
        typealias OutboundIn = NIOAny
        var count = 0
        func read(context: ChannelHandlerContext) { count += 1 }
    }

    private func guarded() throws -> (EmbeddedChannel, Reads) {
        let (channel, reads) = (EmbeddedChannel(), Reads())
        try channel.pipeline.syncOperations.addHandlers([reads, AcceptGuard(eventLoop: channel.eventLoop)])
        return (channel, reads)
    }

    @Test(arguments: [EMFILE, ENFILE, ECONNABORTED, ENOBUFS, ENOMEM])
    func whatOneConnectionLacksDoesNotEndTheServer(code: Int32) throws {
        let (channel, reads) = try guarded()
        channel.pipeline.fireErrorCaught(IOError(errnoCode: code, reason: "accept"))
        channel.pipeline.fireErrorCaught(IOError(errnoCode: code, reason: "accept"))
        #expect(throws: Never.self) { try channel.throwIfErrorCaught() }
        // Trying again at once would be a busy loop.
        channel.read()
        channel.read()
        #expect(reads.count == 0)
        channel.embeddedEventLoop.advanceTime(by: AcceptGuard.pause)
        #expect(reads.count == 1)
        channel.read()
        #expect(reads.count == 2)
    }

    @Test func otherErrorsDo() throws {
        let (channel, _) = try guarded()
        channel.pipeline.fireErrorCaught(IOError(errnoCode: EBADF, reason: "accept"))
        #expect(throws: IOError.self) { try channel.throwIfErrorCaught() }
    }
}
