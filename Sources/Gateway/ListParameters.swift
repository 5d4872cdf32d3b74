import FleetCore
import JSON

/// The query of `GET /api/v1/tasks`.
struct ListParameters: Sendable {
    static let limits = 1...100
    static let pages = 1...1_000_000

    var query = TaskQuery()
    /// Counted from 1.
    var page = 1

    /// - Parameter parameter: the value of a query parameter, nil if it is absent.
    /// - Throws: 400 with all that is wrong, by parameter.
    init(_ parameter: (String) -> String?) throws(GatewayError) {
        var details = JSONObject()
        func text(_ name: String) -> String? {
            parameter(name).flatMap { $0.isEmpty ? nil : $0 }
        }
        func number(_ name: String, _ range: ClosedRange<Int>) -> Int? {
            guard let text = text(name) else { return nil }
            if let number = Int(text), range.contains(number) { return number }
            details[name] = .string("must be a whole number from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        func choice<Choice: RawRepresentable<String> & CaseIterable>(_ name: String, _ type: Choice.Type) -> Choice? {
            guard let text = text(name) else { return nil }
            if let choice = Choice(rawValue: text) { return choice }
            details[name] = .string("must be one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
            return nil
        }

        page = number("page", Self.pages) ?? 1
        query.limit = number("limit", Self.limits) ?? query.limit
        query.offset = (page - 1) * query.limit
        query.sort = choice("sort", TaskQuery.Sort.self) ?? query.sort
        query.order = choice("order", TaskQuery.Order.self) ?? query.order
        query.batch = text("batch")
        query.userID = text("user_id")
        if let list = text("status") {
            let names = list.split(separator: ",").map(String.init)
            query.statuses = names.compactMap(TaskStatus.init(rawValue:))
            if query.statuses.count != names.count || names.isEmpty {
                let allowed = TaskStatus.allCases.map(\.rawValue).joined(separator: ", ")
                details["status"] = .string("must be one or more, with commas, of \(allowed)")
            }
        }
        for name in ["user_id", "batch"] where text(name)?.unicodeScalars.contains("\0") == true {
            details[name] = "must not contain NUL characters"
        }
        if let cursor = text("cursor") {
            query.after = TaskQuery.Cursor(opaque: cursor)
            if query.after == nil {
                details["cursor"] = "must be the next_cursor of an earlier answer"
            } else if query.sort == .priority {
                details["cursor"] = "does not go with sort=priority: use page"
            }
        }
        guard details.isEmpty else { throw .badRequest("Invalid query", details: .object(details)) }
    }
}

extension TaskQuery.Cursor {
    /// What clients hand back unread.
    var opaque: String { "\(String(time, radix: 36)).\(taskID)" }

    init?(opaque: String) {
        let parts = opaque.split(separator: ".", maxSplits: 1)
        guard parts.count == 2, let time = Int(parts[0], radix: 36), time >= 0, time < 1 << 53,
            (1...50).contains(parts[1].utf8.count),
            parts[1].utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        self.init(time: time, taskID: String(parts[1]))
    }
}
