import Logging
import Synchronization

/// What was logged, one line each: level, message, and the metadata's values.
final class LogLines: Sendable {
    private struct Handler: LogHandler {
        let lines: LogLines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let values = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0.value)" }
            lines.append("\(event.level) \(event.message) \(values.joined(separator: " "))")
        }
    }

    private let lines = Mutex<[String]>([])
    private let stream: AsyncStream<String>
    private let continuation: AsyncStream<String>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream()
    }

    var logger: Logger {
        var logger = Logger(label: "test") { _ in Handler(lines: self) }
        logger.logLevel = .trace
        return logger
    }

    private func append(_ line: String) {
        lines.withLock { $0.append(line) }
        continuation.yield(line)
    }

    func count(where isMeant: (String) -> Bool) -> Int { lines.withLock { $0.count(where: isMeant) } }

    /// The next line that is meant; for one reader.
    func first(where isMeant: @escaping @Sendable (String) -> Bool) async throws -> String {
        let stream = stream
        return try await withTimeout(.seconds(20)) {
            for await line in stream where isMeant(line) { return line }
            throw TestTimeout()
        }
    }
}
