import ArgumentParser
import FleetCore
import JSON

/// `mixmyai task list`.
struct TaskListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List tasks, the newest first.")

    enum Sort: String, ExpressibleByArgument, CaseIterable {
        case createdAt = "created_at"
        case updatedAt = "updated_at"
        case priority
    }

    enum Order: String, ExpressibleByArgument, CaseIterable {
        case ascending = "asc"
        case descending = "desc"
    }

    @OptionGroup(title: "Global options") var global: GlobalOptions

    @Option(help: "Only these, with commas: pending, in_progress, completed, failed, ...") var status: String?
    @Option(help: ArgumentHelp("Only this batch.", valueName: "name")) var batch: String?
    @Option(help: ArgumentHelp("Only this user's.", valueName: "id")) var user: String?
    @Option(help: "By created_at, updated_at or priority.") var sort: Sort = .createdAt
    @Option(help: "asc or desc.") var order: Order = .descending
    @Option(help: ArgumentHelp("At most this many, 1 to 100.", valueName: "n")) var limit = 20
    @Option(help: ArgumentHelp("Go on where an earlier list ended.", valueName: "cursor")) var cursor: String?

    func validate() throws {
        guard (1...100).contains(limit) else { throw ValidationError("--limit must be 1 to 100.") }
    }

    func run() async throws {
        let query: [(String, String?)] = [
            ("status", status), ("batch", batch), ("user_id", user), ("sort", sort.rawValue), ("order", order.rawValue),
            ("limit", "\(limit)"), ("cursor", cursor),
        ]
        let page = try await GatewayAPI.withAPI(global.fleet) { try await $0.get("/api/v1/tasks", query: query) }
        let console = global.console
        let tasks = page["tasks"]?.array ?? []
        switch console.format {
        case .json: console.print(page)
        case .jsonl: tasks.forEach { console.print($0) }
        case .text:
            console.print(console.render(Self.table(tasks)))
            let total = page["pagination"]?["total"]?.int ?? tasks.count
            if let next = page["next_cursor"]?.string {
                console.note("\(tasks.count) of \(total) tasks; go on with --cursor \(PlainText.line(next))")
            }
        }
    }

    static func table(_ tasks: [JSONValue]) -> TextTable {
        var table = TextTable([
            .init("TASK"), .init("STATUS", isState: true), .init("%", isNumeric: true), .init("PRIORITY"),
            .init("CREATED (UTC)"), .init("BATCH"), .init("TITLE"),
        ])
        for task in tasks {
            table.add([
                task["task_id"]?.string ?? "", task["status"]?.string ?? "", "\(task["progress"]?.int ?? 0)",
                task["priority"]?.string ?? "", PlainText.time(task["created_at"]?.string),
                PlainText.shortened(task["batch"]?.string ?? "-", to: 24), task["title"]?.string ?? "",
            ])
        }
        return table
    }
}
