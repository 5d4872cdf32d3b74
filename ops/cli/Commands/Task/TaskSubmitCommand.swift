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

            In a batch a task is known by its custom_id, else by its content and by which of several equal ones it is: so
            the same file may be handed in again, after a cut or twice at once, and adds only what is missing.

            Also read are a JSON array, objects over several lines, and CSV with the columns title, description,
            priority, context (a JSON object), context.NAME, user_id, batch and custom_id, separated by commas, semicolons, tabs or
            bars. Any of them may be UTF-8 or UTF-16, with or without a byte order mark, and packed with gzip. What a
            file is shows in its first bytes, not in its name; if nothing can be read, nothing is handed in.
            """)

    @OptionGroup(title: "Global options") var global: GlobalOptions

    @Argument(help: "The file; - for standard input.") var file: String
    @Flag(help: "Wait until every task is finished; exit status 3 unless all are completed.") var wait = false
    @Flag(help: "Hand in nothing: only say what is wrong with the file.") var check = false
    @OptionGroup(title: "The batch") var options: BatchArguments

    private var batch: String? { options.batch }

    func run() async throws {
        if check { return try lookOnly() }
        try await GatewayAPI.withAPI(global.fleet) { api in
            let submitter = try await submit(api)
            guard !submitter.ids.isEmpty else {
                guard submitter.refusals.isEmpty else { throw CommandExit.failed.code }
                return global.console.note("There are no tasks in \(file).")
            }
            var allCompleted = true
            if wait {
                // A task that the file names twice is waited for once.
                var seen: Set<String> = []
                let ids = submitter.ids.filter { seen.insert($0).inserted }
                let progress = try await ProgressDisplay().follow(TaskWaiter(ids: ids, api: api, batch: batch))
                allCompleted = progress.counts["completed"] == progress.ids.count
            }
            guard submitter.refusals.isEmpty && allCompleted else { throw CommandExit.partial.code }
        }
    }

    private func lookOnly() throws {
        var file = try TaskFile(path: file)
        var (lines, report, tasks, bad) = (BacklogLines(batch: batch), RefusalReport(), 0, 0)
        while let piece = try file.next() {
            let found = lines.look(piece)
            tasks += found.tasks
            for refusal in (piece.refusals + found.problems).sorted(by: { $0.line < $1.line }) {
                bad += 1
                if let line = report.line(for: refusal) { global.console.note(line) }
            }
        }
        for line in report.summary + lines.notes { global.console.note(line) }
        global.console.emit(["tasks": .integer(tasks), "refused": .integer(bad)]) {
            "\(tasks) tasks can be handed in, \(bad) lines not. Nothing was handed in."
        }
        guard bad == 0 else { throw CommandExit.partial.code }
    }

    private func submit(_ api: GatewayAPI) async throws -> TaskSubmitter {
        var file = try TaskFile(path: file)
        var submitter = TaskSubmitter(api: api, query: options.query)
        var report = RefusalReport()
        let console = global.console
        while let piece = try file.next() {
            try await submitter.submit(piece) { result in
                switch result {
                case .success(let answer):
                    if console.isText { console.print(answer["task_id"]?.string ?? "") } else { console.print(answer) }
                case .failure(let refusal):
                    if let line = report.line(for: refusal) { console.note(line) }
                }
            }
        }
        for line in report.summary + submitter.notes { console.note(line) }
        if options.batch != nil, submitter.ids.count > submitter.replayed {
            console.note(
                "\(submitter.ids.count - submitter.replayed) tasks handed in. Follow them: mixmyai batch show "
                    + (options.batch ?? ""))
        }
        if submitter.replayed > 0 { console.note("\(submitter.replayed) tasks were in the batch already.") }
        if !submitter.refusals.isEmpty {
            console.note(
                "\(submitter.refusals.count) of \(submitter.ids.count + submitter.refusals.count) lines not taken.")
        }
        return submitter
    }
}
