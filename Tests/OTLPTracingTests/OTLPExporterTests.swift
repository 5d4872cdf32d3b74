import HTTPTransport
import JSON
import Logging
import OTLPTracing
import ScriptedPeer
import Synchronization
import Testing
import Tracing

/// The exporter before collectors that take, refuse, are slow or away.
@Suite(.timeLimit(.minutes(1))) struct OTLPExporterTests {
    /// What became of spans.
    private final class Fate: SpanExportObserver {
        struct Counts: Equatable {
            var exported = 0
            var dropped = 0
            var failed = 0
            var sendFailures = 0
        }

        private let state = Mutex(Counts())
        private let (changes, change) = AsyncStream.makeStream(of: Void.self)

        var counts: Counts { state.withLock { $0 } }

        func spansExported(_ count: Int) { note { $0.exported += count } }
        func spansDropped(_ count: Int) { note { $0.dropped += count } }
        func spansFailed(_ count: Int) { note { $0.failed += count } }
        func sendFailed() { note { $0.sendFailures += 1 } }

        private func note(_ body: (inout Counts) -> Void) {
            state.withLock { body(&$0) }
            change.yield()
        }

        /// For one waiter.
        func wait(until isMeant: (Counts) -> Bool) async {
            if isMeant(counts) { return }
            for await _ in changes where isMeant(counts) { return }
        }
    }

    private let fate = Fate()
    private let lines = LoggedLines()

    private func pace(_ change: (inout OTLPExporter.Pace) -> Void = { _ in }) -> OTLPExporter.Pace {
        var pace = OTLPExporter.Pace()
        (pace.delay, pace.firstPause, pace.longestPause) = (.milliseconds(5), .milliseconds(5), .milliseconds(20))
        change(&pace)
        return pace
    }

    /// Runs a body beside an exporter that is finished after it.
    private func withExporter(
        url: String, headers: [(name: String, value: String)] = [], pace: OTLPExporter.Pace,
        _ body: (OTLPExporter, OTLPTracer) async throws -> Void
    ) async throws {
        let client = try HTTPClient()
        let exporter = OTLPExporter(
            to: OTLPDestination(url: url, headers: headers), resource: ["service.name": "test"], version: "1",
            client: client, pace: pace, observer: fate, logger: lines.logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await exporter.run() }
            try await body(exporter, exporter.tracer(TraceSampler(ratio: 1, followsParent: true)))
            exporter.finish()
            try await group.waitForAll()
        }
        await client.shutdown()
    }

    private func record(_ count: Int, _ tracer: OTLPTracer) {
        for number in 0..<count { tracer.startSpan("span \(number)", context: .topLevel).end() }
    }

    private static func names(_ body: [UInt8]) -> [String] {
        let request = try? JSONValue(parsing: body)
        let spans = request?["resourceSpans"]?.array?.first?["scopeSpans"]?.array?.first?["spans"]?.array ?? []
        return spans.compactMap { $0["name"]?.string }
    }

    /// Answers each request with the next of these, and the last one from then on.
    private static func server(
        _ answers: String..., requests: Reports<PeerConnection.Request> = Reports()
    ) throws -> ScriptedServer {
        let left = Answers(answers)
        return try ScriptedServer { peer in
            while let request = peer.readRequest() {
                requests.send(request)
                peer.write(left.next())
            }
        }
    }

    private final class Answers: Sendable {
        private let left: Mutex<[String]>

        init(_ all: [String]) { left = Mutex(all) }

        func next() -> String { left.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] } }
    }

    private static let ok = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"

    private static func failure(_ status: String, _ header: String = "X-A: b") -> String {
        "HTTP/1.1 \(status)\r\n\(header)\r\nContent-Length: 0\r\n\r\n"
    }

    @Test func spansGoOutInBatchesInOrderAndWithTheHeaders() async throws {
        let requests = Reports<PeerConnection.Request>()
        let server = try Self.server(Self.ok, requests: requests)
        try await withExporter(
            url: server.url + "/v1/traces", headers: [("Authorization", "Bearer abc"), ("X-Scope", "a b")],
            pace: pace { $0.batchLimit = 3 }
        ) { _, tracer in
            record(7, tracer)
            await fate.wait { $0.exported == 7 }
        }
        var names: [String] = []
        while names.count < 7, let request = await requests.next() {
            #expect(request.path == "/v1/traces")
            let head = request.head.lowercased()
            #expect(head.contains("content-type: application/json"))
            #expect(head.contains("authorization: bearer abc"))
            #expect(head.contains("x-scope: a b"))
            let batch = Self.names(request.body)
            #expect(batch.count <= 3)
            names += batch
        }
        #expect(names == (0..<7).map { "span \($0)" })
        #expect(fate.counts == Fate.Counts(exported: 7))
        #expect(lines.all.isEmpty)
    }

    @Test func aCollectorThatIsAwayForAMomentGetsEverythingOnce() async throws {
        let requests = Reports<PeerConnection.Request>()
        let server = try Self.server(
            Self.failure("503 Service Unavailable"), Self.failure("429 Too Many Requests", "Retry-After: 0"),
            Self.failure("502 Bad Gateway"), Self.ok, requests: requests)
        try await withExporter(url: server.url, pace: pace()) { _, tracer in
            record(2, tracer)
            await fate.wait { $0.exported == 2 }
        }
        #expect(fate.counts == Fate.Counts(exported: 2, sendFailures: 3))
        for _ in 0..<4 { #expect(Self.names(try #require(await requests.next()).body).count == 2) }
    }

    @Test(arguments: ["400 Bad Request", "401 Unauthorized", "404 Not Found", "413 Content Too Large", "302 Found"])
    func whatACollectorRefusesIsNotSentAgain(_ status: String) async throws {
        let server = try Self.server(Self.failure(status), Self.ok)
        try await withExporter(url: server.url, pace: pace()) { _, tracer in
            record(3, tracer)
            await fate.wait { $0.failed == 3 }
            record(1, tracer)
            await fate.wait { $0.exported == 1 }
        }
        #expect(fate.counts == Fate.Counts(exported: 1, failed: 3, sendFailures: 1))
        #expect(lines.all.count == 1)
        #expect(lines.all.first?.contains(status.prefix(3)) == true)
    }

    @Test(arguments: [
        #"{"partialSuccess":{"rejectedSpans":"2","errorMessage":"too old"}}"#,
        #"{"partialSuccess":{"rejectedSpans":2,"errorMessage":"too old"}}"#,
    ])
    func whatACollectorRejectsInPartIsCounted(_ body: String) async throws {
        let server = try Self.server("HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
        try await withExporter(url: server.url, pace: pace()) { _, tracer in
            record(5, tracer)
            await fate.wait { $0.failed > 0 }
        }
        #expect(fate.counts == Fate.Counts(exported: 3, failed: 2))
        #expect(lines.all.first?.contains("too old") == true)
    }

    /// For as long as the process lives, and at its end, nothing but spans is lost.
    @Test func withoutACollectorTheQueueIsBoundedAndTheLogQuiet() async throws {
        let port = try ScriptedServer.refusedPort()
        let pace = pace {
            $0.queueLimit = 100
            $0.patience = .milliseconds(200)
        }
        try await withExporter(
            url: "http://user:password@127.0.0.1:\(port)/?key=secret", headers: [("X-Key", "hidden")], pace: pace
        ) { exporter, tracer in
            for _ in 0..<50 {
                record(20, tracer)
                #expect(exporter.waiting <= 100)
            }
            await fate.wait { $0.failed > 0 }
        }
        let counts = fate.counts
        #expect(counts.exported == 0)
        #expect(counts.dropped >= 1000 - 200)
        #expect(counts.dropped + counts.failed == 1000)
        #expect(counts.sendFailures > 1)
        #expect(lines.all.count == 1)
        for secret in ["password", "secret", "hidden"] { #expect(!lines.all.joined().contains(secret)) }
    }

    @Test func complaintsComeAgainAfterAWhile() async throws {
        let server = try Self.server(Self.failure("400 Bad Request"))
        try await withExporter(url: server.url, pace: pace { $0.complaintInterval = .zero }) { _, tracer in
            for number in 1...3 {
                record(1, tracer)
                await fate.wait { $0.failed == number }
            }
        }
        #expect(lines.all.count == 3)
    }

    /// Whoever records does not wait: the collector has the first batch in hand and says nothing.
    @Test func aSlowCollectorHoldsUpNobody() async throws {
        let (arrived, goOn) = (Reports<Void>(), ThreadSignal())
        let server = try ScriptedServer { peer in
            while peer.readRequest() != nil {
                arrived.send(())
                goOn.wait()
                peer.write(Self.ok)
            }
        }
        try await withExporter(url: server.url, pace: pace { $0.queueLimit = 10 }) { exporter, tracer in
            record(1, tracer)
            _ = await arrived.next()
            record(25, tracer)
            #expect(exporter.waiting == 10)
            #expect(fate.counts == Fate.Counts(dropped: 15))
            goOn.open()
            await fate.wait { $0.exported == 11 }
        }
        #expect(fate.counts == Fate.Counts(exported: 11, dropped: 15))
    }

    @Test func aFamilyOfSpansFindsRoomTogetherOrNotAtAll() async throws {
        let port = try ScriptedServer.refusedPort()
        let pace = pace {
            $0.queueLimit = 3
            $0.delay = .seconds(30)
            $0.patience = .zero
        }
        try await withExporter(url: "http://127.0.0.1:\(port)", pace: pace) { exporter, tracer in
            record(2, tracer)
            let parent = tracer.startSpan("parent", context: .topLevel)
            tracer.startSpan("child", context: parent.context).end()
            parent.end()
            #expect(exporter.waiting == 2)
            #expect(fate.counts.dropped == 2)
        }
    }

    @Test func whatWaitsIsSentAtTheEnd() async throws {
        let server = try Self.server(Self.ok)
        // Nothing would go out by itself for a long time.
        try await withExporter(
            url: server.url,
            pace: pace {
                $0.delay = .seconds(50); $0.batchLimit = 4
            }
        ) { _, tracer in
            record(10, tracer)
        }
        #expect(fate.counts == Fate.Counts(exported: 10))
    }

    @Test func theEndHasALimit() async throws {
        let goOn = ThreadSignal()
        let server = try ScriptedServer { peer in
            _ = peer.readRequest()
            goOn.wait()
        }
        let pace = pace {
            $0.batchLimit = 2
            $0.flushLimit = .milliseconds(50)
        }
        try await withExporter(url: server.url, pace: pace) { _, tracer in record(6, tracer) }
        goOn.open()
        let counts = fate.counts
        #expect(counts.exported == 0)
        #expect(counts.failed + counts.dropped == 6)
    }

    @Test func afterTheEndSpansAreDropped() async throws {
        let server = try Self.server(Self.ok)
        var late: OTLPTracer?
        try await withExporter(url: server.url, pace: pace()) { _, tracer in late = tracer }
        record(3, try #require(late))
        #expect(fate.counts == Fate.Counts(dropped: 3))
    }
}

/// What is logged, in one line each.
final class LoggedLines: Sendable {
    private struct Handler: LogHandler {
        let lines: LoggedLines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            lines.kept.withLock { $0.append("\(event.level) \(event.message) \(event.metadata ?? [:])") }
        }
    }

    private let kept = Mutex<[String]>([])

    var all: [String] { kept.withLock { $0 } }
    var logger: Logger { Logger(label: "test") { _ in Handler(lines: self) } }
}
