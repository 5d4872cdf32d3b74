import Testing

@testable import AMQPClient

/// When to speak of attempts in vain and of refusals.
struct OutageTests {
    private static let start = Instant(nanoseconds: 0)
    private static let refused = AMQPError(.accessRefused, "access to vhost 'a' refused for user 'b'", replyCode: 530)
    private static let silent = AMQPError(.timedOut, "the address does not answer")

    private static func at(_ seconds: Int) -> Instant { start.advanced(by: .seconds(seconds)) }

    @Test func theThirdOfAKindIsSpokenOfThenLessAndLessOften() {
        var outage = Outage(at: Self.start)
        let spoken = (0..<3600).filter { outage.note(Self.refused, at: Self.at($0)) }
        #expect(spoken == [2, 62, 182, 422, 902, 1502, 2102, 2702, 3302])
        #expect(outage.attempts == 3600)
    }

    @Test func changingReasonsAreNoKind() {
        var outage = Outage(at: Self.start)
        for second in 0..<100 {
            let isSpoken = outage.note(second.isMultiple(of: 2) ? Self.refused : Self.silent, at: Self.at(second))
            #expect(!isSpoken)
        }
        let spoken = (100...102).map { outage.note(Self.refused, at: Self.at($0)) }
        #expect(spoken == [false, false, true])
    }

    @Test func aRefusalIsNewsOnceAndAgainAfterAWhile() {
        var log = RefusalLog()
        func refusal(_ queue: String, _ words: String = "no") -> AMQPRefusal {
            AMQPRefusal(subject: .queue(queue), error: AMQPError(.accessRefused, words), isUsable: false)
        }
        for (second, present, expected) in [
            (0, [refusal("a")], [refusal("a")]), (1, [refusal("a"), refusal("b")], [refusal("b")]), (2, [], []),
            (3, [refusal("a")], []), (4, [refusal("a", "other words")], [refusal("a", "other words")]),
            (700, [refusal("a", "other words")], [refusal("a", "other words")]),
        ] {
            let news = log.news(present, at: Self.at(second))
            #expect(news == expected, "at \(second) s")
        }
    }

    @Test func oneConnectionLostOverAQueueMayBeAnAccident() {
        var book = RefusalBook()
        let error = AMQPError(.connectionLost, "INTERNAL_ERROR", replyCode: 541)
        book.noteConnectionLost(.queue("a"), error, at: Self.at(0))
        #expect(book.all.isEmpty)
        #expect(book.standing(.queue("a"), at: Self.at(0)) == nil)
        book.connected()
        book.noteConnectionLost(.queue("a"), error, at: Self.at(1))
        #expect(book.all.map(\.subject) == [.queue("a")])
        #expect(book.standing(.queue("a"), at: Self.at(30)) == error)
        book.connected()
        #expect(book.standing(.queue("a"), at: Self.at(30)) == error)
        #expect(book.standing(.queue("a"), at: Self.at(31)) == nil)
        book.noteDone(.queue("a"))
        #expect(book.all.isEmpty)
    }

    @Test func advisesInOneLineWithoutThePassword() {
        var configuration = AMQPConfiguration(virtualHost: "it's", user: "us er", password: "hunter2")
        configuration.name = "x"
        let advice = BrokerAdvice(configuration)
        let refusals = (1...9).map {
            AMQPRefusal(
                subject: .queue("agent.\($0)"), error: AMQPError(.accessRefused, "ACCESS_REFUSED", replyCode: 403),
                isUsable: false)
        }
        let line = advice.line(refusals) ?? ""
        #expect(line.contains("queue 'agent.1', as well as queue 'agent.2'"))
        #expect(line.contains("and 3 more"))
        #expect(line.contains(#"rabbitmqctl set_permissions -p 'it'\''s' 'us er'"#))
        #expect(!line.contains("hunter2") && !line.contains("\n"))
        #expect(advice.line([]) == nil)
        #expect(advice.remedy(Self.refused).contains("set_permissions"))
    }

    @Test(arguments: [
        (
            530, "NOT_ALLOWED - access to vhost '/' refused for user 'a': connection limit (0) is reached",
            "limit_reached"
        ),
        (530, "NOT_ALLOWED - connection refused for user 'a': user connection limit (0) is reached", "limit_reached"),
        (530, "NOT_ALLOWED - access to vhost '/' refused for user 'a': vhost '/' is down", "unavailable"),
        (530, "NOT_ALLOWED - access to vhost '/' refused for user 'a'", "access_refused"),
        (530, "NOT_ALLOWED - vhost x not found", "not_found"),
        (403, "ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN.", "authentication_failed"),
        (541, "INTERNAL_ERROR - Feature `transient_nonexcl_queues` is deprecated.", "connection_lost"),
    ])
    func theBrokersWordsAtLogin(code: Int, words: String, expected: String) {
        #expect(AMQPError.connectionClosed(code, words).loggingIn.code.rawValue == expected)
    }

    @Test(arguments: [
        (404, "NOT_FOUND - no queue 'a' in vhost '/'", "not_found"),
        (404, "NOT_FOUND - home node 'r@b' of durable queue 'a' in vhost '/' is down or inaccessible", "unavailable"),
        (
            406, "PRECONDITION_FAILED - inequivalent arg 'durable' for queue 'a' in vhost '/': ...",
            "precondition_failed"
        ),
        (
            406, "PRECONDITION_FAILED - cannot declare queue 'a': queue limit in vhost '/' (1) is reached",
            "limit_reached"
        ),
    ])
    func theBrokersWordsOnAChannel(code: Int, words: String, expected: String) {
        #expect(AMQPError.channelClosed(code, words).code.rawValue == expected)
    }
}
