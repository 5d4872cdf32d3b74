import FleetCore
import Hummingbird

/// Writes a stream of lines as tasks, chunk by chunk, and answers each line in order.
///
/// Holds one chunk at a time: the next bytes are read when the last chunk's answers have been taken by the client.
struct BulkSubmission: Sendable {
    /// Bytes of lines after which a chunk is full, however few lines they are.
    private static let chunkBytes = 4 << 20

    private let dependencies: GatewayDependencies
    private let principal: Principal
    /// The batch of all lines; nil: as each line says.
    private let batch: String?
    private let lineLimit: Int
    private let chunkLines: Int

    private var splitter: LineSplitter
    private var lineNumber = 0
    private var chunk: [(line: Int, content: Result<NewTask, GatewayError>)] = []
    private var chunkSize = 0

    init(
        configuration: GatewayConfiguration, dependencies: GatewayDependencies, principal: Principal, batch: String?
    ) {
        self.dependencies = dependencies
        self.principal = principal
        self.batch = batch
        lineLimit = configuration.bodyLimit
        chunkLines = configuration.bulkChunk
        splitter = LineSplitter(limit: lineLimit)
    }

    /// Reads the body to its end. A last line without line feed counts; one that a lost connection cut off does not.
    mutating func run(_ body: RequestBody, _ writer: inout any ResponseBodyWriter) async throws {
        for try await part in body {
            var lines: [LineSplitter.Line] = []
            splitter.append(part.readableBytesView) { lines.append($0) }
            for line in lines {
                read(line)
                if chunk.count >= chunkLines || chunkSize >= Self.chunkBytes { try await flush(&writer) }
            }
        }
        if let last = splitter.finish() { read(last) }
        try await flush(&writer)
    }

    private mutating func read(_ line: LineSplitter.Line) {
        lineNumber += 1
        switch line {
        case .tooLong: chunk.append((lineNumber, .failure(.tooLarge(limit: lineLimit))))
        case .text(let bytes):
            // Blank lines count but ask for nothing.
            guard bytes.contains(where: { $0 > UInt8(ascii: " ") }) else { return }
            chunkSize += bytes.count
            chunk.append((lineNumber, Result { () throws(GatewayError) in try task(bytes) }))
        }
    }

    private func task(_ bytes: [UInt8]) throws(GatewayError) -> NewTask {
        do {
            var submission = try TaskSubmission.validate(JSONValue(parsing: bytes))
            if let batch { submission.batch = batch }
            return NewTask(userID: try principal.userID(for: submission), submission: submission)
        } catch {
            throw GatewayError(error)
        }
    }

    private mutating func flush(_ writer: inout any ResponseBodyWriter) async throws {
        guard !chunk.isEmpty else { return }
        let tasks = chunk.compactMap { try? $0.content.get() }
        var failure: GatewayError?
        do {
            _ = try await dependencies.tasks.submit(tasks)
            if !tasks.isEmpty { dependencies.wakeScheduler() }
        } catch {
            failure = GatewayError(error)
        }
        var buffer = ByteBuffer()
        for (line, content) in chunk {
            buffer.writeBytes(answer(line, content, failure).bytes)
            buffer.writeInteger(UInt8(ascii: "\n"))
        }
        chunk.removeAll(keepingCapacity: true)
        chunkSize = 0
        try await writer.write(buffer)
    }

    private func answer(
        _ line: Int, _ content: Result<NewTask, GatewayError>, _ failure: GatewayError?
    ) -> JSONWriter {
        var writer = JSONWriter(reservingCapacity: 128)
        writer.object { writer in
            writer.key("line")
            writer.write(line)
            switch (content, failure) {
            case (.success(let task), nil):
                writer.key("task_id")
                writer.write(task.id)
                writer.key("status")
                writer.write(TaskStatus.pending.rawValue)
            case (.success, let error?), (.failure(let error), _):
                writer.key("error")
                writer.write(error.name)
                writer.key("message")
                writer.write(error.message)
                writer.key("details")
                writer.write(error.details)
            }
        }
        return writer
    }
}
