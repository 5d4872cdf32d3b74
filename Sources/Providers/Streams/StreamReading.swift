internal import FleetCore
import JSON

/// What a body may be that is no answer.
enum UnexpectedBody {
    static let webPage = "the answer is a web page"
}

/// From the bytes of a response to the reply.
///
/// The body decides what it is, whatever its content type says: an event stream, a whole JSON reply although a stream
/// was asked for, or a web page.
struct StreamReading<Stream: ReplyStream> {
    private enum Form {
        case unknown
        case events
        case document
    }

    private(set) var stream: Stream
    private var form = Form.unknown
    private var parser = SSEParser()
    /// Of a document everything, otherwise what came before the form was known.
    private var kept: [UInt8] = []
    private var size = 0

    private static var limit: Int { 64 << 20 }

    init(_ stream: Stream) {
        self.stream = stream
    }

    /// Takes the next chunk, nil at the clean end of the bytes; the reply, once it is complete.
    ///
    /// - Throws: if the answer ends without a sign that it is whole, says that the call failed, or cannot be read.
    @inline(never)
    mutating func feed(_ chunk: [UInt8]?) throws(ModelFailure) -> ModelReply? {
        guard let chunk else { return try finish() }
        size += chunk.count
        guard size <= Self.limit else {
            throw stream.failed(.malformed, "the answer is longer than \(Self.limit) bytes")
        }
        switch form {
        case .events: return try feed(events: chunk)
        case .document:
            kept += chunk
            return nil
        case .unknown:
            kept += chunk
            return try recognise()
        }
    }

    private mutating func recognise() throws(ModelFailure) -> ModelReply? {
        let start = kept.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        let head = kept[start...].first { $0 != 0x20 && !(0x09...0x0D).contains($0) }
        switch head {
        case nil: return nil
        case UInt8(ascii: "{")?, UInt8(ascii: "[")?:
            form = .document
            return nil
        case UInt8(ascii: "<")?: throw stream.failed(.malformed, UnexpectedBody.webPage)
        case 0x1F?: throw stream.failed(.malformed, "the answer is compressed, and nothing says so")
        default:
            form = .events
            let first = kept
            kept = []
            return try feed(events: first)
        }
    }

    private mutating func feed(events bytes: [UInt8]) throws(ModelFailure) -> ModelReply? {
        let events: [SSEEvent]
        do throws(SSEError) {
            events = try parser.feed(bytes)
        } catch {
            throw stream.failed(.malformed, error.description)
        }
        for event in events {
            if let reply = try take(stream.feed(event)) { return reply }
        }
        return nil
    }

    private func take(_ outcome: StreamOutcome) throws(ModelFailure) -> ModelReply? {
        switch outcome {
        case .continue: return nil
        case .complete(let reply): return reply
        case .fail(let failure): throw failure
        }
    }

    private mutating func finish() throws(ModelFailure) -> ModelReply? {
        if form == .document { return try finishDocument() }
        // A last event without the empty line behind it counts if it is something by itself.
        if let event = parser.finish(), event.isWhole, let reply = try take(stream.feed(event)) { return reply }
        return try take(stream.end())
    }

    private mutating func finishDocument() throws(ModelFailure) -> ModelReply? {
        let body: WireJSON
        do throws(WireError) {
            body = try WireJSON(kept.trimmed)
        } catch {
            return try finishLines(error)
        }
        // Some proxies wrap their errors in a list.
        return try take(stream.feed(whole: body.with(body.value.array?.first ?? body.value)))
    }

    /// One chunk a line, without the fields of an event stream.
    private mutating func finishLines(_ error: WireError) throws(ModelFailure) -> ModelReply? {
        let lines = kept.split { $0 == 0x0A || $0 == 0x0D }.map { SSEEvent(name: "", data: Array($0)) }
        guard lines.count > 1, lines.allSatisfy(\.isWhole) else {
            throw stream.failed(error.isCut ? .truncated : .malformed, "the answer is not whole JSON: \(error)")
        }
        for line in lines {
            if let reply = try take(stream.feed(line)) { return reply }
        }
        return try take(stream.end())
    }
}
