import DequeModule
import NIOCore
import NIOHTTP1

/// What a connection has to do, and until when it may do nothing.
struct ConnectionState: Sendable {
    /// A request and its answer.
    private struct Exchange {
        var isHead: Bool
        var isHTTP10: Bool
        /// The client waits to be told to send the body.
        var awaitsContinue: Bool
        /// What is still to come of the body; nil: nobody knows.
        var unreadBytes: Int?
        var isRead = false
        var isAnswerBegun = false
        var isAnswered = false
    }

    private enum Phase: Equatable {
        case open
        /// The last answer is on its way out.
        case finishing
        /// The last answer is out; the client may still be sending.
        case lingering(since: NIODeadline)
    }

    /// What is to be done when a deadline has come.
    enum Expiry: Equatable {
        case wait(until: NIODeadline)
        case close
        case refuse(HTTPRefusal)
        /// The request whose body is missing is to fail with this.
        case fail(HTTPRefusal)
    }

    /// What is to be done after a step.
    enum Step: Equatable {
        case refuse(HTTPRefusal)
        /// Nothing more is said on this connection.
        case finish
    }

    private let limits: ConnectionLimits
    private var phase = Phase.open
    /// In the order of the requests: only the last one's request may be unread, only the first one is being answered.
    private var exchanges: Deque<Exchange> = []
    private var takesRequests = true
    /// To be answered after all exchanges.
    private var refusal: HTTPRefusal?
    private var isDraining = false
    private var hasDiscarded = false

    private var isReading = false
    private var silentSince: NIODeadline
    /// When the first bytes of a head were left without the rest of it.
    private var headSince: NIODeadline?
    private var hasHeadBytes = false
    private var hasRequestLine = false
    /// Bytes of the request line so far.
    private var requestLineBytes = 0
    /// The request line ends as it does in every version of HTTP.
    private var hasVersion = false
    private var acknowledgedBytes: UInt64 = 0
    private var progressAt: NIODeadline

    init(limits: ConnectionLimits, at now: NIODeadline) {
        self.limits = limits
        silentSince = now
        progressAt = now
    }

    // MARK: What comes in

    /// - Returns: false if the bytes are to be thrown away.
    mutating func receive(_ bytes: ByteBuffer, at now: NIODeadline) -> Bool {
        silentSince = now
        guard phase == .open, takesRequests || exchanges.last?.isRead == false else {
            hasDiscarded = true
            return false
        }
        progressAt = now
        if exchanges.isEmpty {
            hasHeadBytes = true
            if !hasRequestLine {
                var line = bytes.readableBytesView
                if requestLineBytes == 0 { line = line.drop { $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\n") } }
                let end = line.firstIndex(of: UInt8(ascii: "\n"))
                hasRequestLine = end != nil
                let tail = line[..<(end ?? line.startIndex)].suffix("HTTP/1.1\r".utf8.count)
                hasVersion = tail.starts(with: "HTTP/".utf8) && tail.last == UInt8(ascii: "\r")
                requestLineBytes += line.distance(from: line.startIndex, to: end ?? line.endIndex)
            }
        }
        return true
    }

    /// - Returns: the head as the application gets it; nil if it gets none.
    mutating func receive(_ head: HTTPRequestHead) -> HTTPRequestHead? {
        (headSince, hasHeadBytes) = (nil, false)
        (hasRequestLine, requestLineBytes) = (false, 0)
        guard phase == .open, takesRequests else { return nil }
        let inspection: HeadInspection
        do {
            inspection = try HeadInspection(head, targetLimit: limits.targetBytes)
        } catch {
            refuse(error)
            return nil
        }
        exchanges.append(
            Exchange(
                isHead: head.method == .HEAD, isHTTP10: head.version == .http1_0,
                awaitsContinue: inspection.expectsContinue, unreadBytes: inspection.bodyBytes))
        var head = head
        if !inspection.expectsContinue { head.headers.remove(name: "expect") }
        if !inspection.persists {
            takesRequests = false
            // In this spelling it ends the loop that hands requests to the application.
            head.headers.replaceOrAdd(name: "connection", value: "close")
        }
        return head
    }

    /// - Returns: whether the application gets this part of a body.
    mutating func receive(bodyBytes: Int) -> Bool {
        guard phase == .open, let last = exchanges.indices.last, !exchanges[last].isRead else { return false }
        exchanges[last].awaitsContinue = false
        exchanges[last].unreadBytes? -= bodyBytes
        return true
    }

    /// - Returns: whether the application gets the end of the request.
    mutating func receiveEnd() -> Bool {
        guard phase == .open, let last = exchanges.indices.last, !exchanges[last].isRead else { return false }
        exchanges[last].isRead = true
        if exchanges[last].isAnswered { exchanges.removeLast() }
        return true
    }

    /// - Returns: when the rest of a head has to be there, if its beginning is.
    mutating func readEnded(at now: NIODeadline) -> NIODeadline? {
        isReading = false
        guard phase == .open, exchanges.isEmpty, hasHeadBytes, headSince == nil else { return nil }
        headSince = now
        return now + TimeAmount(limits.head)
    }

    /// The client is asked for more bytes.
    mutating func readBegan(at now: NIODeadline) {
        if !isReading { silentSince = now }
        isReading = true
    }

    /// What comes cannot be read: nothing that follows is.
    ///
    /// - Returns: what the request fails with whose body it was.
    mutating func receive(_ error: HTTPParserError) -> HTTPRefusal? {
        guard phase == .open, takesRequests || exchanges.last?.isRead == false else { return nil }
        let refusal = HTTPRefusal(error, isInTarget: requestLineBytes > limits.headBytes, hasVersion: hasVersion)
        guard let last = exchanges.indices.last, !exchanges[last].isRead else {
            refuse(refusal)
            return nil
        }
        return fail(refusal)
    }

    private mutating func refuse(_ refusal: HTTPRefusal) {
        takesRequests = false
        self.refusal = refusal
    }

    private mutating func fail(_ refusal: HTTPRefusal) -> HTTPRefusal {
        takesRequests = false
        hasDiscarded = true
        exchanges[exchanges.count - 1].isRead = true
        if exchanges[exchanges.count - 1].isAnswered { exchanges.removeLast() }
        return refusal
    }

    /// The server stops: requests in progress are answered, others are not taken.
    ///
    /// - Returns: whether the connection can be closed at once.
    mutating func drain() -> Bool {
        takesRequests = false
        isDraining = true
        return isLingering && !hasDiscarded
    }

    // MARK: What goes out

    /// - Returns: whether the client is to be told to send its body.
    mutating func wantBody(at now: NIODeadline) -> Bool {
        guard phase == .open, exchanges.count == 1, exchanges[0].awaitsContinue, !exchanges[0].isAnswerBegun else {
            return false
        }
        exchanges[0].awaitsContinue = false
        silentSince = now
        return true
    }

    /// - Returns: the head as the client gets it; nil if there is nobody to get it.
    mutating func answer(_ head: HTTPResponseHead) -> HTTPResponseHead? {
        guard phase == .open, let exchange = exchanges.first, !exchange.isAnswered else { return nil }
        guard head.status.code >= 200 else { return exchange.isAnswerBegun ? nil : head }
        exchanges[0].isAnswerBegun = true
        // What nobody wants to read is not read to the end if it is long, or may never come. An answer without a length
        // streams while its body is read.
        let isWhole = head.headers.contains(name: "content-length") || !head.status.mayHaveResponseBody
        if head.status.code >= 400 || isWhole, !exchange.isRead,
            exchange.awaitsContinue || exchange.unreadBytes.map({ $0 > limits.drainBytes }) ?? true
        {
            takesRequests = false
        }
        var head = head
        if !head.headers.contains(name: "content-length"), head.status.mayHaveResponseBody {
            // Without a length the end of the connection is the end of the answer.
            if exchange.isHTTP10 { head.version = .http1_0 }
            if exchange.isHead { takesRequests = false }
        }
        if !takesRequests, exchanges.count == 1, refusal == nil {
            head.headers.replaceOrAdd(name: "connection", value: "close")
        }
        return head
    }

    /// Whether a part of an answer's body is written.
    var writesBody: Bool { phase == .open && exchanges.first.map { $0.isAnswerBegun && !$0.isHead } ?? false }

    /// - Returns: whether the end of the answer is written.
    mutating func answerEnded(at now: NIODeadline) -> Bool {
        guard phase == .open, let exchange = exchanges.first, exchange.isAnswerBegun, !exchange.isAnswered else {
            return false
        }
        silentSince = now
        if exchange.isRead || !takesRequests {
            if !exchange.isRead { hasDiscarded = true }
            exchanges.removeFirst()
        } else {
            exchanges[0].isAnswered = true
        }
        return true
    }

    /// What is to be done now that a request was read or an answer was written.
    var step: Step? {
        guard phase == .open, !takesRequests, exchanges.isEmpty else { return nil }
        return refusal.map(Step.refuse) ?? .finish
    }

    /// The last answer has been written.
    mutating func finish() { phase = .finishing }

    /// - Returns: whether the client gets time to notice it; otherwise the connection is closed.
    mutating func outputClosed(at now: NIODeadline) -> Bool {
        phase = .lingering(since: now)
        silentSince = now
        return !isDraining || hasDiscarded
    }

    var isFinishing: Bool { phase != .open }
    var isLingering: Bool { phase != .open && phase != .finishing }

    // MARK: Deadlines

    /// - Parameters:
    ///   - buffered: bytes of answers that wait for the client.
    ///   - acknowledged: bytes that the client's system has taken, ever.
    mutating func expire(at now: NIODeadline, buffered: Int, acknowledged: UInt64) -> Expiry {
        if buffered == 0 || acknowledged != acknowledgedBytes { progressAt = now }
        acknowledgedBytes = acknowledged
        let expiry = due(at: now, buffered: buffered)
        switch expiry {
        case .refuse(let refusal): refuse(refusal)
        case .fail(let refusal): _ = fail(refusal)
        case .wait, .close: break
        }
        return expiry
    }

    private func due(at now: NIODeadline, buffered: Int) -> Expiry {
        let idle = TimeAmount(limits.idle)
        func until(_ deadline: NIODeadline, _ expiry: Expiry) -> Expiry {
            now < deadline ? .wait(until: deadline) : expiry
        }
        if case .lingering(let since) = phase {
            return until(
                min(silentSince + TimeAmount(limits.lingerIdle), since + TimeAmount(limits.linger)), .close)
        }
        if buffered > 0 { return until(progressAt + idle, .close) }
        guard phase == .open else { return .wait(until: now + idle) }
        guard let exchange = exchanges.last else {
            if let headSince { return until(headSince + TimeAmount(limits.head), .refuse(.headTimedOut)) }
            return until(silentSince + idle, .close)
        }
        guard !exchange.isRead, isReading, !exchange.awaitsContinue else { return .wait(until: now + idle) }
        return until(silentSince + idle, exchange.isAnswered ? .close : .fail(.bodyTimedOut))
    }
}
