import HTTPTypes
import Hummingbird
import NIOCore

/// Sends one answer: whole or as a stream, spread over the reply time, or cut off or dribbled on purpose.
///
/// The call is settled just before its last bytes leave, so that a client that has read them finds them counted.
struct ReplyDelivery: Sendable {
    let request: TwinRequest
    let answer: ModelAnswer
    let usage: Usage
    let fault: FaultKind?
    let behaviour: TwinBehaviour
    let headers: HTTPFields
    let ticket: CallTicket
    let channel: any Channel

    /// Shortest pause between two pieces of a stream in milliseconds; a stream has fewer pieces when time is short.
    private static let shortestPause = 20
    private static let dribblePieces = 100

    /// - Throws: `ProviderFailure` (never sent) when the client left before the answer was due.
    func send() async throws(ProviderFailure) -> Response {
        var dice = Draws(request.digest)
        let latency = behaviour.latency.milliseconds(draw: dice.fraction())
        switch fault {
        case .truncatedStream: return try await cutOff(latency)
        case .slowBytes: return try await dribble(latency)
        default: return request.isStreaming ? try await stream(latency) : try await whole(latency)
        }
    }

    private var head: HTTPFields {
        var fields = headers
        if request.isStreaming {
            fields[.contentType] = "text/event-stream; charset=utf-8"
            fields[.cacheControl] = "no-cache"
        }
        return fields
    }

    private func encode() -> EncodedReply {
        ReplyEncoder(request: request, answer: answer, usage: usage).encode()
    }

    private func whole(_ latency: Int) async throws(ProviderFailure) -> Response {
        try await pause(latency)
        return complete(encode())
    }

    private func stream(_ latency: Int) async throws(ProviderFailure) -> Response {
        let count = min(20, latency / Self.shortestPause)
        guard count > 1 else {
            try await pause(latency)
            return complete(encode())
        }
        // A quarter of the time passes before the first token.
        let pieces = encode().pieces(atMost: count)
        let gaps = max(1, pieces.count - 1)
        let gap = (latency - latency / 4) / gaps
        try await pause(latency - gap * gaps)
        return Response(status: .ok, headers: head, body: body(pieces, pauseMilliseconds: gap))
    }

    private func dribble(_ latency: Int) async throws(ProviderFailure) -> Response {
        try await pause(latency)
        let pieces = encode().dribble(pieces: Self.dribblePieces)
        let length = request.isStreaming ? nil : pieces.reduce(0) { $0 + $1.readableBytes }
        let body = body(pieces, pauseMilliseconds: behaviour.slowBytesPauseMilliseconds, length: length)
        return Response(status: .ok, headers: head, body: body)
    }

    private func cutOff(_ latency: Int) async throws(ProviderFailure) -> Response {
        try await pause(latency)
        let reply = encode()
        let length = request.isStreaming ? nil : reply.bytes.readableBytes
        let half = reply.firstHalf
        let ticket = ticket
        // A reply that is not a stream was generated as a whole before its first byte left.
        let sent = request.isStreaming ? answer.outputTokens(visibleShare: reply.halfShare) : answer.outputTokens
        return Response(
            status: .ok, headers: head,
            body: ResponseBody(contentLength: length) { writer in
                ticket.settle(status: 200, .cut(outputTokens: sent))
                try await writer.write(half)
                throw ReplyEnded.cutOff
            }
        )
    }

    /// A reply that is sent in one write; a stream then has no content length and goes out in chunks.
    private func complete(_ reply: EncodedReply) -> Response {
        settle()
        var response = Response(status: .ok, headers: head, body: ResponseBody(byteBuffer: reply.bytes))
        if request.isStreaming { response.headers[.contentLength] = nil }
        return response
    }

    private func body(_ pieces: [ByteBuffer], pauseMilliseconds: Int, length: Int? = nil) -> ResponseBody {
        let isStreaming = request.isStreaming
        return ResponseBody(contentLength: length) { writer in
            var sent = 0
            do {
                for (index, piece) in pieces.enumerated() {
                    if index > 0 {
                        let end = await ConnectionWatch.wait(.milliseconds(Int64(pauseMilliseconds)), on: channel)
                        if end != .elapsed { throw ReplyEnded.clientLeft }
                    }
                    if index == pieces.count - 1 { settle() }
                    try await writer.write(piece)
                    sent += 1
                }
                try await writer.finish(nil)
            } catch {
                let share = isStreaming ? Double(sent) / Double(pieces.count) : 1
                ticket.settle(status: 200, .cut(outputTokens: answer.outputTokens(visibleShare: share)))
                throw error
            }
        }
    }

    private func settle() {
        ticket.settle(status: 200, .complete)
    }

    private func pause(_ milliseconds: Int) async throws(ProviderFailure) {
        guard milliseconds > 0 else { return }
        let start = TwinClock.monotonicNanoseconds()
        if await ConnectionWatch.wait(.milliseconds(Int64(milliseconds)), on: channel) != .elapsed {
            let passed = Double(TwinClock.monotonicNanoseconds() - start) / Double(milliseconds * 1_000_000)
            // Generation goes on evenly over the reply time.
            ticket.settle(status: 0, .cut(outputTokens: Int(Double(answer.outputTokens) * min(passed, 1))))
            throw .timedOut
        }
    }
}

/// Why a reply ends before its last byte; closes the connection.
private enum ReplyEnded: Error {
    case cutOff
    case clientLeft
}
