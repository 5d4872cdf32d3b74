import ArgumentParser
import FleetCore
import JSON

/// `mixmyai task submit FILE|-`.
struct TaskSubmitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "submit",
        abstract: "Hand in tasks: JSON Lines, one object with title and description per line.",
        discussion: """
            Prints each task's id, in the order of the lines. A bad line is reported with its number; the good ones are
            handed in all the same, and the exit status is 3.

            Also read are a JSON array, objects over several lines, and CSV with the columns title, description,
            priority, context (a JSON object), context.NAME, user_id and batch, separated by commas, semicolons, tabs or
            bars. Any of them may be UTF-8 or UTF-16, with or without a byte order mark, and packed with gzip. What a
            file is shows in its first bytes, not in its name; if nothing can be read, nothing is handed in.
            """)

    @OptionGroup(title: "Global options") var global: GlobalOptions

    @Argument(help: "The file; - for standard input.") var file: String
    @Flag(help: "Wait until every task is finished; exit status 3 unless all are completed.") var wait = false
    @Option(help: ArgumentHelp("Put all of them into this batch.", valueName: "name")) var batch: String?

    func run() async throws {
        try await GatewayAPI.withAPI(global.fleet) { api in
            let submitter = try await submit(api)
            guard !submitter.ids.isEmpty else {
                guard submitter.refusals.isEmpty else { throw CommandExit.failed.code }
                return global.console.note("There are no tasks in \(file).")
            }
            var allCompleted = true
            if wait {
                let progress = try await ProgressDisplay().follow(
                    TaskWaiter(ids: submitter.ids, api: api, batch: batch))
                allCompleted = progress.counts["completed"] == progress.ids.count
            }
            guard submitter.refusals.isEmpty && allCompleted else { throw CommandExit.partial.code }
        }
    }

    private func submit(_ api: GatewayAPI) async throws -> TaskSubmitter {
        var lines = try TaskFile(path: file)
        var submitter = TaskSubmitter(api: api, batch: batch)
        var report = RefusalReport()
        let console = global.console
        while let piece = try lines.next() {
            try await submitter.submit(piece) { result in
                switch result {
                case .success(let answer):
                    if console.isText { console.print(answer["task_id"]?.string ?? "") } else { console.print(answer) }
                case .failure(let refusal):
                    if let line = report.line(for: refusal) { console.note(line) }
                }
            }
        }
        for line in report.summary { console.note(line) }
        if !submitter.refusals.isEmpty {
            console.note(
                "\(submitter.refusals.count) of \(submitter.ids.count + submitter.refusals.count) lines not taken.")
        }
        return submitter
    }
}
