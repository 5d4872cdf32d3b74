import FleetCore
import HTTPTransport
import Testing

@testable import Providers

/// Waits in every form in which providers tell them.
@Suite struct WaitReadingTests {
    /// 1994-11-06 08:49:37 UTC.
    private static let now = 784_111_777.0

    private func wait(_ status: Int, _ body: String, _ headers: HTTPHeaders = [:]) -> Duration? {
        ModelFailure(status: status, headers: headers, body: Array(body.utf8), now: Self.now).retryAfter
    }

    @Test(arguments: [
        ("6m0s", 360), ("86ms", 0.086), ("1h2m3.5s", 3723.5), ("20", 20), ("1.5", 1.5), ("20s", 20), ("20 seconds", 20),
        ("1 minute", 60), ("2 days", 172_800), ("1m 30s", 90), ("500us", 0.0005), ("0s", 0), ("1d2h", 93_600),
        (" 7 ", 7), ("34.074824224s", 34.074824224),
    ])
    func lengthsAreRead(text: String, seconds: Double) {
        #expect(abs((WaitText.seconds(text) ?? -1) - seconds) < 1e-9)
    }

    @Test(arguments: ["", "s", "soon", "1x", "-5", "1 2", "5s 3", "1m0", "nan", "inf", "..", "6m0s later"])
    func whatIsNoLengthIsNone(text: String) { #expect(WaitText.seconds(text) == nil) }

    @Test(arguments: [
        (
            "Rate limit reached for x in organization y on tokens per min (TPM): Limit 1. Please try again in 20s. Visit z",
            20.0
        ),
        ("Please try again in 1.2s.", 1.2), ("try again in 6m0s.", 360), ("Please try again in 86ms.", 0.086),
        ("Please retry in 34.074824224s.", 34.074824224), ("Please retry after 20 seconds.", 20),
        ("Retry after: 17", 17), ("Please wait 5 seconds before", 5), ("Try again in about 2 minutes", 120),
        ("try again in 1 hour and 30 minutes", 5400), ("Your limit resets in 2h5m.", 7500), ("Try again in 30.", 30),
        ("retry_after=3", 3), ("Please try again in 7m12.48s. Need more tokens?", 432.48),
    ])
    func waitsInWordsAreFound(message: String, seconds: Double) {
        #expect(abs((WaitText.seconds(inMessage: message) ?? -1) - seconds) < 1e-9)
        let body = #"{"error":{"message":"\#(message)","type":"tokens","code":"rate_limit_exceeded"}}"#
        #expect(abs((wait(429, body)?.inSeconds ?? -1) - seconds) <= 0.001)
    }

    @Test(arguments: [
        "Please try again later.", "Try again in a moment", "You sent 20 requests in 3 seconds", "",
        "try again after 2026-11-26", "Limit 200000, Used 199999, Requested 300.",
    ])
    func wordsWithoutAWaitHaveNone(message: String) { #expect(WaitText.seconds(inMessage: message) == nil) }

    @Test(
        arguments: [
            (["x-ratelimit-reset-requests": "6m0s"], 360.0), (["x-ratelimit-reset-tokens": "86ms"], 0.086),
            (["x-ratelimit-reset-tokens": "1h2m3.5s"], 3723.5), (["x-ratelimit-reset-requests": "17"], 17),
            (
                [
                    "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "20s",
                    "x-ratelimit-remaining-tokens": "500", "x-ratelimit-reset-tokens": "6m0s",
                ], 20
            ),
            (["x-ratelimit-reset-requests": "1m", "x-ratelimit-reset-tokens": "5s"], 60),
            (["anthropic-ratelimit-requests-reset": "1994-11-06T08:50:37Z"], 60),
            (["anthropic-ratelimit-tokens-reset": "1994-11-06T09:49:47.5+01:00"], 10.5),
            (
                [
                    "anthropic-ratelimit-requests-remaining": "7",
                    "anthropic-ratelimit-requests-reset": "1994-11-06T08:59:37Z",
                    "anthropic-ratelimit-output-tokens-remaining": "0",
                    "anthropic-ratelimit-output-tokens-reset": "1994-11-06T08:49:47Z",
                ], 10
            ),
            (["x-ratelimit-reset-requests-day": "33011.382867", "x-ratelimit-remaining-requests-day": "0"], 33011.383),
            (
                [
                    "x-ratelimit-reset-requests-day": "33011", "x-ratelimit-remaining-requests-day": "14000",
                    "x-ratelimit-reset-tokens-minute": "11.5", "x-ratelimit-remaining-tokens-minute": "900",
                ], 11.5
            ),
            (["X-RateLimit-Reset": "784111807"], 30), (["x-ratelimit-reset": "1741305600000"], 86_400),
            (["ratelimit-reset": "12"], 12),
            (["retry-after": "3", "x-ratelimit-reset-requests": "6m0s"], 3),
            (["retry-after": "1m30s"], 90), (["retry-after": "Sunday, 06-Nov-94 08:49:47 GMT"], 10),
            (["retry-after": "Sun Nov  6 08:49:47 1994"], 10), (["retry-after": "1994-11-06T08:49:47Z"], 10),
            (["retry-after-ms": "86.4"], 0.087),
        ] as [(HTTPHeaders, Double)])
    func headersAreRead(headers: HTTPHeaders, seconds: Double) {
        #expect(abs((wait(429, "", headers)?.inSeconds ?? -1) - seconds) <= 0.001)
    }

    /// Windows are told with every response; only who met one has to wait for it.
    @Test func aResetIsNoWaitUnlessALimitWasMet() {
        let headers: HTTPHeaders = ["x-ratelimit-reset-requests": "6m0s", "x-ratelimit-remaining-requests": "10"]
        #expect(wait(500, "", headers) == nil)
        #expect(wait(503, "", headers) == nil)
        #expect(wait(429, #"{"error":{"code":"insufficient_quota"}}"#, headers) == nil)
        #expect(wait(429, "", ["anthropic-ratelimit-requests-reset": "1990-01-01T00:00:00Z"]) == nil)
        #expect(wait(429, "", ["x-ratelimit-reset-requests": "soon"]) == nil)
    }

    @Test func theLimitThatTheErrorNamesCounts() {
        let headers: HTTPHeaders = ["x-ratelimit-reset-requests": "6m0s", "x-ratelimit-reset-tokens": "5s"]
        #expect(wait(429, #"{"error":{"type":"tokens","code":"rate_limit_exceeded"}}"#, headers) == .seconds(5))
        #expect(wait(429, #"{"error":{"type":"requests","code":"rate_limit_exceeded"}}"#, headers) == .seconds(360))
    }

    @Test(arguments: [
        (#"{"error":{"message":"x","retry_after":7}}"#, 7.0), (#"{"retry_after":"1.5"}"#, 1.5),
        (#"{"error":{"retry_after_ms":250}}"#, 0.25), (#"{"error":{"retryAfterSeconds":9}}"#, 9),
        (
            #"[{"error":{"code":429,"details":[{"@type":"type.googleapis.com/google.rpc.Help"},{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.5s"}]}}]"#,
            34.5
        ),
        (#"{"error":{"code":429,"message":"x","metadata":{"headers":{"X-RateLimit-Reset":"784111797000"}}}}"#, 20),
        (#"{"error":{"message":"Please try again in 20s","retry_after":3}}"#, 3),
    ])
    func membersOfTheErrorAreRead(body: String, seconds: Double) {
        #expect(abs((wait(429, body)?.inSeconds ?? -1) - seconds) <= 0.001)
    }

    @Test func theWaitOfAnErrorInsideAStreamIsKept() throws {
        var stream = ChatStream()
        let event = SSEEvent(
            name: "", data: Array(#"{"error":{"code":429,"message":"Please try again in 20s"}}"#.utf8))
        guard case .fail(let failure) = stream.feed(event) else {
            Issue.record("no failure")
            return
        }
        #expect(failure.code == .rateLimited && failure.retryAfter == .seconds(20))
    }

    @Test(arguments: [
        "2026-11-26", "2026-13-01T00:00:00Z", "2026-11-26T25:00:00Z", "2026-11-26T00:00:00", "2026-11-26T00:00:00.Z",
        "2026-11-26T00:00:00+1", "x026-11-26T00:00:00Z", "",
    ])
    func whatIsNoDateIsNone(text: String) { #expect(InternetDate.seconds(text) == nil) }

    @Test func datesAreRead() {
        #expect(InternetDate.seconds("1970-01-01T00:00:00Z") == 0)
        #expect(InternetDate.seconds("1994-11-06t08:49:37z") == Self.now)
        #expect(InternetDate.seconds("1994-11-06T09:49:37+01:00") == Self.now)
        #expect(InternetDate.seconds("1994-11-06T08:19:37.250-00:30") == Self.now + 0.25)
        #expect(HTTPDate.seconds("Sunday, 06-Nov-94 08:49:37 GMT") == Self.now)
        #expect(HTTPDate.seconds("Sun Nov  6 08:49:37 1994") == Self.now)
    }
}
