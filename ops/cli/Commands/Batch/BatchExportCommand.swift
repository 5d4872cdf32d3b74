import ArgumentParser
import FleetCore
import FleetStore
import JSON
import PostgresClient

/// `mixmyai batch export NAME`.
struct BatchExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write the results of a batch, in the order in which its tasks have ended.",
        discussion: """
            mixmyai batch export q3 --to results.jsonl --follow

            Each result has a cursor; --after goes on behind it. With --to the file itself says where it ended: an export
            that was cut off is run again, and nothing is missing or there twice. A task that ends again, after a retry or a
            revision, has another result. JSON Lines end with a summary; `complete` says whether the batch was finished.
            CSV cells that a spreadsheet would take for formulas begin with an apostrophe; JSON Lines are lossless.
            """)

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @OptionGroup var target: BatchTarget
    @Option(help: "jsonl or csv.") var format: ResultForm = .jsonl
    @Option(help: ArgumentHelp("Write to this file, behind what an export has written there.", valueName: "file"))
    var to: String?
    @Flag(help: "Wait for what is still to come, until the batch is finished.") var follow = false
    @Option(help: ArgumentHelp("Only results behind this one.", valueName: "cursor")) var after: String?

    /// Results that are in memory at a time.
    private static let page = 200
    /// Between two looks for more.
    private static let interval = Duration.milliseconds(500)

    func validate() throws {
        guard after == nil || to == nil else {
            throw ValidationError("--after and --to: a file is gone on with where it ended.")
        }
        guard after.map({ BatchCursor($0) != nil }) ?? true else {
            throw ValidationError("--after is the cursor of a result.")
        }
    }

    func run() async throws {
        try await FleetDatabase.withPool(global.fleet) { pool in
            let batch = try await target.find(PostgresBatchDesk(pool: pool))
            let source = PostgresBatchResults(pool: pool)
            if let to {
                let file = try ResultFile(path: to, form: format)
                let start = try Self.start(file.cursor, batch)
                if file.isEmpty { try file.write(format.head) }
                let end = try await copy(source, batch, after: start) { text throws(CommandError) in
                    try file.write(text)
                }
                if format == .jsonl { try file.write(end.line + "\n") }
                global.console.note("\(end.results) results of \(PlainText.line(batch.name)) written to \(to).")
                if !end.isComplete { global.console.note("The batch is not finished; the same command goes on later.") }
            } else {
                let start = try Self.start(after.flatMap { BatchCursor($0) }, batch)
                if start == 0 { StandardStream.output.write(format.head) }
                let end = try await copy(source, batch, after: start) { text in StandardStream.output.write(text) }
                if format == .jsonl { global.console.print(end.line) } else { global.console.note(end.line) }
            }
        }
    }

    private static func start(_ cursor: BatchCursor?, _ batch: BatchReference) throws(CommandError) -> Int {
        guard let cursor else { return 0 }
        guard cursor.batchID == batch.id else {
            throw CommandError(.conflict, "the cursor \(cursor) is one of another batch, not of \(batch.id)")
        }
        return cursor.number
    }

    private struct End {
        var batch: BatchReference
        var number: Int
        /// By this run.
        var results = 0
        var isComplete = false

        var line: String {
            let summary: JSONValue = [
                "batch_id": .string(batch.id), "batch": .string(batch.name), "written": .integer(results),
                "cursor": .string(BatchCursor(batchID: batch.id, number: number).description),
                "complete": .bool(isComplete),
            ]
            return (["summary": summary] as JSONValue).serialized()
        }
    }

    private func copy(
        _ source: some BatchResultSource, _ batch: BatchReference, after start: Int, _ write: (String) throws -> Void
    ) async throws -> End {
        var end = End(batch: batch, number: start)
        while true {
            let page = try await source.results(of: batch.id, after: end.number, limit: Self.page)
            if let last = page.results.last {
                try write(page.results.map { format.text($0, of: batch.id) }.joined())
                end.number = last.number
                end.results += page.results.count
            }
            end.isComplete = page.isComplete
            if page.isComplete { return end }
            guard page.results.count < Self.page else { continue }
            guard follow else { return end }
            try await Task.sleep(for: Self.interval)
        }
    }
}
