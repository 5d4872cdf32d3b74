import Foundation
import Glibc
import Logging
import Testing

@testable import Telemetry

/// A sink whose lines a test can read: a socket that keeps the borders between writes.
final class LogCapture: Sendable {
    let sink: LogSink
    private let writer: Int32
    private let reader: Int32

    init() throws {
        var ends: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0, &ends) == 0)
        (writer, reader) = (ends[0], ends[1])
        sink = LogSink(fileDescriptor: writer)
    }

    deinit {
        close(writer)
        close(reader)
    }

    func handler(level: Logger.Level = .trace, provider: Logger.MetadataProvider? = nil) -> JSONLogHandler {
        JSONLogHandler(
            label: "fleet.test", role: "worker", name: "worker-1", level: level, sink: sink, metadataProvider: provider)
    }

    func logger() -> Logger {
        Logger(label: "fleet.test") { _ in handler() }
    }

    /// What the next single write wrote.
    func nextWrite() throws -> String {
        var buffer = [UInt8](repeating: 0, count: 200_000)
        let count = recv(reader, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        try #require(count > 0, "nothing was written")
        return String(decoding: buffer[..<count], as: UTF8.self)
    }

    /// The next line, which has to be one JSON object and nothing else.
    func nextObject() throws -> [String: Any] {
        let line = try nextWrite()
        #expect(line.hasSuffix("}\n"))
        #expect(line.dropLast().allSatisfy { !$0.isNewline })
        return try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
}
