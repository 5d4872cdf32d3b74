import ArgumentParser
import FleetCore
import FleetStore
import JSON

/// `mixmyai demo`: works off a backlog and tells what came of it.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "Work off a backlog on the running fleet and sum up.", shouldDisplay: false)

    @OptionGroup(title: "Global options") var global: GlobalOptions

    @Option(help: "How many tasks; the file's lines are repeated if there are fewer (default: all lines).")
    var tasks: Int?
    @Option(help: "Seconds the build took, for the summary.") var coldBuildSeconds = 0
    @Option(help: "JSON Lines of tasks.") var backlog: String

    func validate() throws {
        guard tasks ?? 1 > 0 else { throw ValidationError("--tasks must be above 0.") }
    }

    func run() async throws {
        let console = global.console
        let lines = try BacklogFile(path: backlog).lines(count: tasks)
        let batch = RandomID.make("demo_")
        try await GatewayAPI.withAPI(global.fleet) { api in
            let start = ContinuousClock.now
            let ids = try await submit(lines, batch, api)
            let progress = try await ProgressDisplay().follow(TaskWaiter(ids: ids, api: api, batch: batch))
            let wall = ContinuousClock.now - start
            for id in ids { console.print("\(id)  \(console.paint(state: progress.status(of: id)))") }
            try await showResult(progress, api)
            let ledger = try await FleetDatabase.withPool(global.fleet) { pool in
                try await OperatorStore(pool: pool).ledger(ofBatch: batch)
            }
            let summary = DemoSummary(
                counts: progress.counts, taskCount: ids.count, ledger: ledger, wall: wall,
                coldBuildSeconds: coldBuildSeconds)
            if let doubts = summary.doubts { console.print(doubts) }
            console.print(summary.json)
            guard summary.isComplete else { throw CommandExit.failed.code }
        }
    }

    private func submit(_ lines: [[UInt8]], _ batch: String, _ api: GatewayAPI) async throws -> [String] {
        var submitter = TaskSubmitter(api: api, query: [("batch", batch)])
        for start in stride(from: 0, to: lines.count, by: 1000) {
            let chunk = lines[start..<min(start + 1000, lines.count)]
            let piece = TaskFile.Piece(
                bytes: Array(chunk.joined(separator: [UInt8(ascii: "\n")])),
                lines: Array(start + 1..<start + 1 + chunk.count))
            try await submitter.submit(piece) { result in
                if case .failure(let refusal) = result {
                    global.console.note("task \(refusal.line): \(refusal.message)")
                }
            }
        }
        guard submitter.refusals.isEmpty else {
            throw CommandError(.failed, "\(submitter.refusals.count) tasks of \(backlog) were not taken")
        }
        return submitter.ids
    }

    /// The first completed task's answer, in full.
    private func showResult(_ progress: TaskProgress, _ api: GatewayAPI) async throws {
        let best = ["completed", "partial_completion"].lazy.compactMap { status in
            progress.ids.first { progress.status(of: $0) == status }
        }.first
        guard let best else { return global.console.note("No task has a result to show.") }
        let result = try await api.get("/api/v1/tasks/\(best)/result", patience: .seconds(60))
        global.console.print("")
        global.console.print(global.console.style.paint("Result of \(best)", .bold))
        global.console.print("")
        global.console.print(PlainText.block(result["result"]?["final_answer"]?.string ?? "(no text)"))
        global.console.print("")
    }
}
