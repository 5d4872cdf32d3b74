internal import FleetCore

/// From the bytes of a response to the reply: events cut out of chunks, and read until the provider's closing event.
struct StreamReading<Stream: ReplyStream> {
    private(set) var stream: Stream
    private var parser = SSEParser()
    private var size = 0

    private static var limit: Int { 64 << 20 }

    init(_ stream: Stream) {
        self.stream = stream
    }

    /// Takes the next chunk, nil at the end of the bytes; the reply, once it is complete.
    ///
    /// - Throws: if the stream ends before its closing event, says that the call failed, or cannot be read.
    @inline(never)
    mutating func feed(_ chunk: [UInt8]?) throws(ModelFailure) -> ModelReply? {
        guard let chunk else {
            throw stream.failed(.truncated, "the stream ended without its closing event")
        }
        size += chunk.count
        guard size <= Self.limit else {
            throw stream.failed(.malformed, "the stream is longer than \(Self.limit) bytes")
        }
        let events: [SSEEvent]
        do throws(SSEError) {
            events = try parser.feed(chunk)
        } catch {
            throw stream.failed(.malformed, error.description)
        }
        for event in events {
            switch stream.feed(event) {
            case .continue: continue
            case .complete(let reply): return reply
            case .fail(let failure): throw failure
            }
        }
        return nil
    }
}
