import NIOCore
import NIOHTTP1
import Testing

@testable import HTTPServing

/// The deadlines as they are outside tests, in a time of their own.
struct ConnectionStateTests {
    private static let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

    private func at(_ seconds: Double) -> NIODeadline {
        Self.start + .nanoseconds(Int64(seconds * 1_000_000_000))
    }

    private func open() -> ConnectionState {
        var state = ConnectionState(limits: ConnectionLimits(), at: Self.start)
        state.readBegan(at: Self.start)
        return state
    }

    private func head(
        _ method: HTTPMethod = .GET, _ fields: [(String, String)] = [], version: HTTPVersion = .http1_1
    ) -> HTTPRequestHead {
        HTTPRequestHead(version: version, method: method, uri: "/", headers: HTTPHeaders([("Host", "a")] + fields))
    }

    private func expire(
        _ state: inout ConnectionState, _ seconds: Double, buffered: Int = 0, acknowledged: UInt64 = 0
    ) -> ConnectionState.Expiry {
        state.expire(at: at(seconds), buffered: buffered, acknowledged: acknowledged)
    }

    /// A request and its answer, both within a second.
    private func exchange(_ state: inout ConnectionState, at seconds: Double, _ head: HTTPRequestHead) {
        #expect(state.receive(ByteBuffer(string: "GET / HTTP/1.1\r\n\r\n"), at: at(seconds)) == true)
        #expect(state.receive(head) != nil)
        #expect(state.receiveEnd() == true)
        #expect(state.readEnded(at: at(seconds)) == nil)
        state.readBegan(at: at(seconds))
        #expect(state.answer(HTTPResponseHead(version: .http1_1, status: .ok)) != nil)
        #expect(state.answerEnded(at: at(seconds)) == true)
    }

    // MARK: Silence

    @Test func silentConnectionsEndAfterAMinute() {
        var state = open()
        #expect(expire(&state, 59.9) == .wait(until: at(60)))
        exchange(&state, at: 59.9, head())
        #expect(expire(&state, 60) == .wait(until: at(119.9)))
        #expect(expire(&state, 119.9) == .close)
    }

    @Test func headsHaveTenSecondsFromTheirFirstByteHoweverManyFollow() {
        var state = open()
        #expect(state.receive(ByteBuffer(string: "GET"), at: at(30)) == true)
        #expect(state.readEnded(at: at(30)) == at(40))
        for second in 31...39 {
            state.readBegan(at: at(Double(second)))
            #expect(state.receive(ByteBuffer(string: " "), at: at(Double(second))) == true)
            #expect(state.readEnded(at: at(Double(second))) == nil)
        }
        #expect(expire(&state, 39.9) == .wait(until: at(40)))
        #expect(expire(&state, 40) == .refuse(.headTimedOut))
        #expect(state.step == .refuse(.headTimedOut))
        #expect(state.receive(ByteBuffer(string: "x"), at: at(41)) == false)
    }

    @Test func bodiesHaveAMinuteAfterEachByte() {
        var state = open()
        #expect(state.receive(head(.POST, [("Content-Length", "100")])) != nil)
        for second in stride(from: 50.0, to: 500, by: 50) {
            _ = state.readEnded(at: at(second))
            state.readBegan(at: at(second))
            #expect(state.receive(ByteBuffer(string: "x"), at: at(second)) == true)
            #expect(state.receive(bodyBytes: 1) == true)
            #expect(expire(&state, second + 9) == .wait(until: at(second + 60)))
        }
        #expect(expire(&state, 510) == .fail(.bodyTimedOut))
        #expect(state.receive(bodyBytes: 1) == false)
        // The application answers with what failed its reading, and that is the last answer.
        let answer = state.answer(HTTPResponseHead(version: .http1_1, status: .requestTimeout))
        #expect(answer?.headers["connection"] == ["close"])
        #expect(state.answerEnded(at: at(510)) == true)
        #expect(state.step == .finish)
    }

    /// What the application does not read cannot be late.
    @Test func nobodyIsLateWhileNothingIsRead() {
        var state = open()
        #expect(state.receive(head(.POST, [("Content-Length", "100")])) != nil)
        _ = state.readEnded(at: at(0))
        #expect(expire(&state, 500) == .wait(until: at(560)))
        state.readBegan(at: at(500))
        #expect(expire(&state, 559) == .wait(until: at(560)))
        #expect(expire(&state, 560) == .fail(.bodyTimedOut))
    }

    @Test func clientsThatAreNotToldToSendAreNotLate() {
        var state = open()
        #expect(state.receive(head(.POST, [("Content-Length", "9"), ("Expect", "100-continue")])) != nil)
        #expect(expire(&state, 500) == .wait(until: at(560)))
        #expect(state.wantBody(at: at(500)) == true)
        #expect(state.wantBody(at: at(500)) == false)
        #expect(expire(&state, 560) == .fail(.bodyTimedOut))
    }

    @Test func answersMayTakeLongAndBeReadSlowly() {
        var state = open()
        #expect(state.receive(head()) != nil)
        #expect(state.receiveEnd() == true)
        #expect(expire(&state, 3600) == .wait(until: at(3660)))
        #expect(state.answer(HTTPResponseHead(version: .http1_1, status: .ok)) != nil)
        for minute in 61...90 {
            let seconds = Double(minute) * 59
            #expect(
                expire(&state, seconds, buffered: 1 << 20, acknowledged: UInt64(minute))
                    == .wait(until: at(seconds + 60)))
        }
        let last = 90.0 * 59
        #expect(expire(&state, last + 59, buffered: 1 << 20, acknowledged: 90) == .wait(until: at(last + 60)))
        #expect(expire(&state, last + 60, buffered: 1 << 20, acknowledged: 90) == .close)
    }

    @Test func clientsThatSendWithoutReadingAreNotClosed() {
        var state = open()
        #expect(state.receive(head(.POST, [("Transfer-Encoding", "chunked")])) != nil)
        #expect(state.answer(HTTPResponseHead(version: .http1_1, status: .ok)) != nil)
        #expect(expire(&state, 0, buffered: 1 << 20, acknowledged: 7) == .wait(until: at(60)))
        for second in stride(from: 10.0, to: 600, by: 10) {
            #expect(state.receive(ByteBuffer(string: "x"), at: at(second)) == true)
            #expect(expire(&state, second + 1, buffered: 1 << 20, acknowledged: 7) == .wait(until: at(second + 60)))
        }
    }

    // MARK: Ends

    @Test func lingeringEndsWithTheClientOrItsPatience() {
        for (interval, end) in [(1.0, 30.0), (6.0, 5.0)] {
            var state = open()
            exchange(&state, at: 0, head(.GET, [("Connection", "close")]))
            #expect(state.step == .finish)
            state.finish()
            #expect(state.outputClosed(at: at(0)) == true)
            var second = interval
            while second < end {
                #expect(state.receive(ByteBuffer(string: "x"), at: at(second)) == false)
                second += interval
            }
            #expect(expire(&state, end - 0.1) != .close)
            #expect(expire(&state, end) == .close)
        }
    }

    @Test func drainingEndsWhatHasNothingLeftToSay() {
        var state = open()
        #expect(state.receive(head()) != nil)
        #expect(state.receiveEnd() == true)
        #expect(state.drain() == false)
        #expect(state.answer(HTTPResponseHead(version: .http1_1, status: .ok))?.headers["connection"] == ["close"])
        #expect(state.receive(head()) == nil)
        #expect(state.answerEnded(at: at(1)) == true)
        #expect(state.step == .finish)
        state.finish()
        #expect(state.outputClosed(at: at(1)) == false)
    }

    /// The last answer waits for a client that only sends.
    @Test func sendingIsNoSubstituteForReadingTheLastAnswer() {
        var state = open()
        exchange(&state, at: 0, head(.GET, [("Connection", "close")]))
        state.finish()
        #expect(expire(&state, 0, buffered: 100, acknowledged: 7) == .wait(until: at(60)))
        #expect(state.receive(ByteBuffer(string: "x"), at: at(59)) == false)
        #expect(expire(&state, 60, buffered: 100, acknowledged: 7) == .close)
    }

    @Test func bodiesThatNobodyReadsEndTheConnectionIfTheyAreLong() {
        for (fields, ends) in [([("Content-Length", "2")], true), ([], false)] {
            var state = open()
            #expect(state.receive(head(.GET, [("Content-Length", "1000000")])) != nil)
            var answer = HTTPResponseHead(version: .http1_1, status: .ok)
            for (name, value) in fields { answer.headers.add(name: name, value: value) }
            #expect(state.answer(answer)?.headers["connection"] == (ends ? ["close"] : []))
        }
    }

    @Test func nothingIsWrittenAfterTheLastAnswer() {
        var state = open()
        exchange(&state, at: 0, head(.GET, [("Upgrade", "h2c"), ("Connection", "upgrade")]))
        state.finish()
        #expect(state.answer(HTTPResponseHead(version: .http1_1, status: .badRequest)) == nil)
        #expect(!state.writesBody)
        #expect(state.answerEnded(at: at(0)) == false)
    }

    @Test(arguments: [(1000, false), (65_536, false), (65_537, true), (nil, true)])
    func refusedBodiesAreReadToTheEndIfThatIsNear(length: Int?, ends: Bool) {
        var state = open()
        let framing = length.map { ("Content-Length", "\($0)") } ?? ("Transfer-Encoding", "chunked")
        #expect(state.receive(head(.POST, [framing])) != nil)
        let answer = state.answer(HTTPResponseHead(version: .http1_1, status: .unauthorized))
        #expect(answer?.headers["connection"] == (ends ? ["close"] : []))
        #expect(state.answerEnded(at: at(0)) == true)
        #expect((state.step == .finish) == ends)
        guard let length else { return }
        // The rest of it, and the next request.
        #expect(state.receive(bodyBytes: length) == !ends)
        #expect(state.receiveEnd() == !ends)
        #expect((state.receive(head()) != nil) == !ends)
    }

    @Test func refusalsWaitForTheAnswersBeforeThem() {
        var state = open()
        #expect(state.receive(head()) != nil)
        #expect(state.receiveEnd() == true)
        #expect(state.receive(head(.GET, [("Host", "b")])) == nil)
        #expect(state.step == nil)
        #expect(state.answer(HTTPResponseHead(version: .http1_1, status: .ok))?.headers["connection"] == [])
        #expect(state.answerEnded(at: at(0)) == true)
        #expect(state.step == .refuse(HTTPRefusal(400, "A request must have exactly one Host")))
    }
}
