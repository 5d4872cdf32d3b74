import Foundation
import Glibc
import Logging
import Synchronization
import Testing

@testable import Telemetry

@Suite(.timeLimit(.minutes(1)))
struct JSONLogHandlerTests {
    @Test func lineHasTheDocumentedKeysInOrder() throws {
        let capture = try LogCapture()
        capture.logger().warning(
            "broker away", metadata: ["zone": "b", "attempt": "\(3)", "count": .stringConvertible(7)])
        let line = try capture.nextWrite()
        let time = try #require(line.wholeMatch(of: /\{"time":"([^"]*)"(.*)\}\n/))
        let expected =
            #","level":"warning","message":"broker away","process":"worker","name":"worker-1","source":"fleet.test","#
            + #""attempt":"3","count":7,"zone":"b""#
        #expect(time.2 == expected)
        #expect(time.1.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z/) != nil)
    }

    @Test(arguments: [
        (0, 0, "1970-01-01T00:00:00.000000Z"), (951_827_696, 123_456_789, "2000-02-29T12:34:56.123456Z"),
        (1_795_341_600, 1000, "2026-11-22T10:00:00.000001Z"),
        (4_102_444_799, 999_999_999, "2099-12-31T23:59:59.999999Z"),
    ])
    func timeIsUTCWithMicroseconds(seconds: Int, nanoseconds: Int, expected: String) {
        var bytes: [UInt8] = []
        LogTime(time: timespec(tv_sec: seconds, tv_nsec: nanoseconds)).append(to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == expected)
    }

    @Test(arguments: [
        "", "plain", "quote \" backslash \\ slash /", "line\nfeed\r\ntab\t",
        "\u{0}\u{1}\u{1f}\u{7f}\u{85}\u{2028}\u{2029}",
        "Grüße 日本 🏳️‍🌈 e\u{301}", "\"}\n{\"level\":\"critical\"", "\u{FFFD}\u{FEFF}\u{10FFFF}", #"\u0041 \n"#,
        "\u{C2}\u{E2}\u{A8}\u{A9}", "end\\",
    ])
    func nastyStringsSurviveTheRoundTrip(text: String) throws {
        let capture = try LogCapture()
        capture.logger().info("\(text)", metadata: ["value": .string(text), "x\(text)": "key"])
        let object = try capture.nextObject()
        #expect(object["message"] as? String == text)
        #expect(object["value"] as? String == text)
        #expect(object["x\(text)"] as? String == "key")
    }

    @Test func randomStringsSurviveTheRoundTrip() throws {
        let capture = try LogCapture()
        for _ in 0..<300 {
            let scalars = (0..<40).compactMap { _ in Unicode.Scalar(UInt32.random(in: 0...0x30FF)) }
            // Without the characters that could make it look like a secret.
            let text = String(String.UnicodeScalarView(scalars.filter { !":=- ".unicodeScalars.contains($0) }))
            capture.logger().info("m", metadata: ["value": .string(text)])
            #expect(try capture.nextObject()["value"] as? String == text)
        }
    }

    @Test func metadataIsFlattened() throws {
        let capture = try LogCapture()
        capture.logger().info(
            "m",
            metadata: [
                "db": ["table": "steps", "pool": ["size": .stringConvertible(4)]], "db.table": "own",
                "list": ["a", .stringConvertible(2), ["k": "v"]], "empty": [:], "level": "mine",
                "flag": .stringConvertible(true), "ratio": .stringConvertible(0.25),
                "nan": .stringConvertible(Double.nan),
            ])
        let line = try capture.nextWrite()
        let tail =
            #","db.pool.size":4,"db.table":"own","flag":true,"list":["a",2,{"k":"v"}],"metadata.level":"mine","#
            + #""nan":"nan","ratio":0.25}"# + "\n"
        #expect(line.hasSuffix(#""source":"fleet.test""# + tail))
    }

    @Test func statementOverridesContextOverridesLogger() throws {
        let capture = try LogCapture()
        var logger = Logger(label: "fleet.test") { _ in
            capture.handler(provider: Logger.MetadataProvider { ["a": "context", "b": "context"] })
        }
        logger[metadataKey: "a"] = "logger"
        logger[metadataKey: "b"] = "logger"
        logger[metadataKey: "c"] = "logger"
        logger.info("m", metadata: ["a": "statement"])
        let object = try capture.nextObject()
        #expect(object["a"] as? String == "statement")
        #expect(object["b"] as? String == "context")
        #expect(object["c"] as? String == "logger")
    }

    @Test func errorIsShownWithItsType() throws {
        let capture = try LogCapture()
        let error = TelemetryError(.labelCount, "postgres://u:hunter2@db/x")
        capture.logger().error("failed", error: error)
        let object = try capture.nextObject()
        #expect(object["error"] as? String == "label_count: postgres://***@db/x")
        #expect(object["error_type"] as? String == "Telemetry.TelemetryError")
    }

    @Test func statementsBelowTheLevelAreNotWritten() throws {
        let capture = try LogCapture()
        let logger = Logger(label: "fleet.test") { _ in capture.handler(level: .warning) }
        logger.info("no")
        logger.error("yes")
        #expect(try capture.nextObject()["message"] as? String == "yes")
    }

    @Test func longStringsAreCutAtACharacter() throws {
        let capture = try LogCapture()
        capture.logger().info("m", metadata: ["value": .string("x" + String(repeating: "日", count: 10_000))])
        let value = try #require(try capture.nextObject()["value"] as? String)
        #expect(value.hasPrefix("x日日"))
        #expect(value.hasSuffix("日... [cut, 13617 more bytes]"))
    }

    @Test func linesOfEightThreadsNeverMix() throws {
        let pipe = Pipe()
        let sink = LogSink(fileDescriptor: pipe.fileHandleForWriting.fileDescriptor)
        let lines = 8 * 500
        let reading = Mutex<Data>(Data())
        let finished = DispatchSemaphore(value: 0)
        let reader = Thread {
            let data = pipe.fileHandleForReading.readDataToEndOfFile()
            reading.withLock { $0 = data }
            finished.signal()
        }
        reader.start()
        // Longer than PIPE_BUF, so that the kernel alone would not keep them whole.
        let filler = String(repeating: "é", count: 4000)
        DispatchQueue.concurrentPerform(iterations: 8) { thread in
            let logger = Logger(label: "t\(thread)") {
                JSONLogHandler(label: $0, role: "worker", name: "w", level: .info, sink: sink)
            }
            for number in 0..<500 { logger.info("\(filler)", metadata: ["n": .stringConvertible(number)]) }
        }
        try pipe.fileHandleForWriting.close()
        finished.wait()
        let output = reading.withLock { $0 }
        var next: [String: Int] = [:]
        for line in output.split(separator: UInt8(ascii: "\n")) {
            let object = try #require(try JSONSerialization.jsonObject(with: line) as? [String: Any])
            let source = try #require(object["source"] as? String)
            #expect(object["n"] as? Int == next[source, default: 0])
            next[source, default: 0] += 1
        }
        #expect(next.values.reduce(0, +) == lines)
        #expect(sink.droppedLines == 0)
    }

    @Test func fullDescriptorDropsLinesAndTheNextOneStartsFresh() throws {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0 && fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0)
        try #require(fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0)
        defer { for end in ends { close(end) } }
        let sink = LogSink(fileDescriptor: ends[1], patience: 0)
        sink.write(Array(repeating: UInt8(ascii: "x"), count: 200_000))
        #expect(sink.droppedLines == 1)
        var buffer = [UInt8](repeating: 0, count: 300_000)
        let cut = read(ends[0], &buffer, buffer.count)
        #expect(cut > 0 && cut < 200_000)
        sink.write(Array("{}\n".utf8))
        sink.write(Array("{}\n".utf8))
        let count = read(ends[0], &buffer, buffer.count)
        #expect(String(decoding: buffer[..<max(0, count)], as: UTF8.self) == "\n{}\n{}\n")
        #expect(sink.droppedLines == 1)
    }

    @Test func closedDescriptorIsCountedNotFatal() {
        let sink = LogSink(fileDescriptor: -1)
        sink.write(Array("{}\n".utf8))
        #expect(sink.droppedLines == 1)
    }

    @Test func bootstrapHappensOnceAndWritesToStandardOutput() async throws {
        let result = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
            #expect(TelemetryBootstrap.start(role: "gateway", name: "gateway-1", level: .warning))
            #expect(!TelemetryBootstrap.start(role: "worker", name: "other", level: .trace))
            let logger = Logger(label: "boot")
            logger.info("below the level")
            logger.error("seen")
        }
        let output = String(decoding: try #require(result).standardOutputContent, as: UTF8.self)
        let lines = output.split(separator: "\n").filter { $0.hasPrefix("{") }
        #expect(lines.count == 1)
        #expect(
            lines.first?.contains(#""level":"error","message":"seen","process":"gateway","name":"gateway-1""#) == true)
    }
}
