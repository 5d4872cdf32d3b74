import FleetCore
import FleetMetrics
import FleetTracing
import Hummingbird
import JSON

/// Writes a stream of lines as tasks, chunk by chunk, and answers each line in order, then all of them together.
///
/// Holds one chunk at a time, and the answers that the client has not taken up to their limit: the next bytes are read
/// when the last chunk is written, whether its answers are read or not.
struct BulkSubmission: Sendable {
    /// Bytes of lines after which a chunk is full, however few lines they are.
    private static let chunkBytes = 4 << 20

    private let dependencies: GatewayDependencies
    private let principal: Principal
    /// The batch of all lines; nil: as each line says.
    private let batch: String?
    /// Of the batches that the lines make; nil: the usual ones.
    private let options: BatchOptions?
    private let choice: BulkAnswers.Choice
    /// Of the request that the lines came with.
    private let facts: RequestFacts
    private let answers: BulkAnswers
    private let lineLimit: Int
    private let chunkLines: Int

    private var splitter: LineSplitter
    private var lineNumber = 0
    /// What the first line with text in it shows; nil before that.
    private var form: BacklogForm?
    private var chunk: [(line: Int, content: Result<NewTask, GatewayError>)] = []
    private var chunkSize = 0

    /// Equal lines of a batch are told apart by their number.
    private var occurrences = OccurrenceCounter()
    private var accepted = 0
    private var replayed = 0
    private var rejected = 0
    /// The first line that is not answered because too many answers wait.
    private var unansweredLine: Int?

    init(
        configuration: GatewayConfiguration, dependencies: GatewayDependencies, principal: Principal, batch: String?,
        options: BatchOptions?, choice: BulkAnswers.Choice, facts: RequestFacts
    ) {
        self.dependencies = dependencies
        self.principal = principal
        self.batch = batch
        self.options = options
        self.choice = choice
        self.facts = facts
        answers = BulkAnswers(limit: configuration.bulkAnswerBytes)
        lineLimit = configuration.bodyLimit
        chunkLines = configuration.bulkChunk
        splitter = LineSplitter(limit: lineLimit)
    }

    /// Reads the body to its end while the answers are written.
    func run(_ body: RequestBody, _ writer: inout any ResponseBodyWriter) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                var submission = self
                var isComplete = true
                do {
                    try await submission.read(body)
                } catch {
                    isComplete = false
                }
                answers.finish(submission.summary(isComplete: isComplete))
            }
            try await answers.write(to: &writer)
            try await group.waitForAll()
        }
    }

    /// A last line without line feed counts; one that a lost connection cut off does not.
    private mutating func read(_ body: RequestBody) async throws {
        for try await part in body {
            var lines: [LineSplitter.Line] = []
            splitter.append(part.readableBytesView) { lines.append($0) }
            for line in lines {
                read(line)
                if chunk.count >= chunkLines || chunkSize >= Self.chunkBytes { await flush() }
            }
        }
        if let last = splitter.finish() { read(last) }
        await flush()
    }

    private mutating func read(_ line: LineSplitter.Line) {
        lineNumber += 1
        switch line {
        case .tooLong: chunk.append((lineNumber, .failure(.tooLarge(limit: lineLimit))))
        case .text(var bytes):
            if lineNumber == 1, bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
            // Blank lines count but ask for nothing.
            let bytes = lineNumber == 1 ? Self.withoutByteOrderMark(bytes) : bytes
            guard bytes.contains(where: { $0 > UInt8(ascii: " ") }) else { return }
            if form == nil {
                let found = BacklogForm(first: bytes)
                form = found
                if let problem = GatewayError(form: found) { chunk.append((lineNumber, .failure(problem))) }
            }
            // A body of another form has been named once; what follows would only be named again.
            guard form == .lines || form == .unclear else { return }
            chunkSize += bytes.count
            do throws(GatewayError) {
                chunk.append((lineNumber, .success(try task(bytes))))
            } catch {
                chunk.append((lineNumber, .failure(error)))
            }
        }
    }

    private static func withoutByteOrderMark(_ bytes: [UInt8]) -> [UInt8] {
        bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
    }

    private mutating func task(_ bytes: [UInt8]) throws(GatewayError) -> NewTask {
        do {
            var submission = try TaskSubmission.validate(JSONValue(parsing: bytes))
            if let batch { submission.batch = batch }
            let user = try principal.userID(for: submission)
            // A number that the line has itself is that of a file in several pieces.
            let occurrence =
                submission.occurrence ?? occurrences.next(submission, user: user, batch: submission.batch)
            var task = NewTask(userID: user, keyed: submission, occurrence: occurrence)
            task.batchOptions = options
            return task
        } catch let error as JSONError {
            throw .invalid(ValidationError(line: error))
        } catch {
            throw GatewayError(error)
        }
    }

    private mutating func flush() async {
        guard !chunk.isEmpty else { return }
        let tasks = chunk.compactMap { try? $0.content.get() }
        var (failure, written): (GatewayError?, [SubmittedTask]) = (nil, [])
        do {
            written = try await dependencies.tasks.submit(tasks)
            dependencies.metrics.submitted(tasks, .bulk)
            for task in written where !task.differs {
                dependencies.spans.granted(
                    facts, task: task.id, createdAt: task.createdAt, isReplayed: task.isReplayed)
            }
            if !tasks.isEmpty { dependencies.wakeScheduler() }
        } catch {
            failure = GatewayError(error)
        }
        var place = 0
        var isReplayed = [Bool](repeating: false, count: chunk.count)
        if failure == nil {
            for index in chunk.indices {
                guard case .success(let task) = chunk[index].content, place < written.count else { continue }
                isReplayed[index] = written[place].isReplayed
                if written[place].differs { chunk[index].content = .failure(.differs(task)) }
                place += 1
            }
        }
        let good = failure == nil ? chunk.count { (try? $0.content.get()) != nil } : 0
        accepted += good
        rejected += chunk.count - good
        replayed += zip(chunk, isReplayed).count { (try? $0.content.get()) != nil && $1 }
        answerChunk(failure, isReplayed)
        chunk.removeAll(keepingCapacity: true)
        chunkSize = 0
    }

    private mutating func answerChunk(_ failure: GatewayError?, _ isReplayed: [Bool]) {
        guard choice != .none, unansweredLine == nil else { return }
        var (buffer, firstLine) = (ByteBuffer(), Int?.none)
        for ((line, content), isReplayed) in zip(chunk, isReplayed) {
            if choice == .failed, failure == nil, case .success = content { continue }
            firstLine = firstLine ?? line
            buffer.writeBytes(answer(line, content, failure, isReplayed).bytes)
            buffer.writeInteger(UInt8(ascii: "\n"))
        }
        if buffer.readableBytes > 0, !answers.append(buffer) { unansweredLine = firstLine }
    }

    /// The last line of every answer: without it the answer was cut off.
    private func summary(isComplete: Bool) -> ByteBuffer {
        var writer = JSONWriter(reservingCapacity: 128)
        writer.object { writer in
            writer.key("summary")
            writer.object { writer in
                for (name, count) in [
                    ("lines", accepted + rejected), ("accepted", accepted), ("replayed", replayed),
                    ("rejected", rejected),
                ] {
                    writer.key(name)
                    writer.write(count)
                }
                writer.key("batch")
                writer.write(batch.map { JSONValue.string($0) } ?? .null)
                if let unansweredLine {
                    writer.key("unanswered_from")
                    writer.write(unansweredLine)
                }
                writer.key("complete")
                writer.write(.bool(isComplete))
            }
        }
        return ByteBuffer(bytes: writer.bytes + [UInt8(ascii: "\n")])
    }

    private func answer(
        _ line: Int, _ content: Result<NewTask, GatewayError>, _ failure: GatewayError?, _ isReplayed: Bool
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
                writer.key("custom_id")
                writer.write(task.submission.customID.map { JSONValue.string($0) } ?? .null)
                writer.key("replayed")
                writer.write(.bool(isReplayed))
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

extension GatewayError {
    /// What is there under the name of this task is another task.
    static func differs(_ task: NewTask) -> GatewayError {
        .conflict(
            "The batch has a task with this custom_id already, with another content: it is as it was",
            details: ["custom_id": "is there with another title, description, priority or context"])
    }

    /// A body that is no JSON Lines; nil if it is.
    fileprivate init?(form: BacklogForm) {
        let kind: String
        switch form {
        case .lines, .unclear: return nil
        case .array: kind = "a JSON array"
        case .document: kind = "JSON over several lines"
        case .columns: kind = "CSV"
        case .other(let text): kind = text
        }
        let rule =
            "The body is \(kind); it has to be one JSON object per line in UTF-8 (NDJSON). Nothing of it was taken"
        self = .invalid(ValidationError(rule, [ValidationError.Problem(field: "body", message: rule)]))
    }
}
