import FleetCore
import JSON

/// Which field of a task each column holds.
struct CSVColumns {
    private enum Column {
        case text(String)
        /// A JSON object.
        case context
        /// A text member of the context.
        case contextMember(String)
        /// A column without a name, which has to stay empty: spreadsheets leave them behind.
        case nothing
    }

    private static let allowed =
        "title, description, priority, context (a JSON object), context.NAME, user_id, batch, custom_id"
    private let columns: [Column]

    init(_ header: [String]) throws(CSVProblem) {
        var columns: [Column] = []
        var seen: Set<String> = []
        for name in header {
            let normalized = Self.normalized(name)
            guard normalized.isEmpty || seen.insert(normalized).inserted else {
                throw CSVProblem(text: "is CSV with two columns \"\(Self.shown(name))\"")
            }
            columns.append(try Self.column(normalized, name))
        }
        guard seen.contains("title"), seen.contains("description") else {
            let names = header.prefix(10).map { "\"\(Self.shown($0))\"" }.joined(separator: ", ")
            throw CSVProblem(
                text: "has no columns title and description but \(names) in its first line; columns are \(Self.allowed)"
            )
        }
        self.columns = columns
    }

    /// `User ID` is `user_id`.
    static func normalized(_ name: String) -> String {
        let words = name.lowercased().split { $0.isWhitespace || $0 == "-" || $0 == "\u{FEFF}" }
        return words.joined(separator: "_")
    }

    private static func column(_ normalized: String, _ name: String) throws(CSVProblem) -> Column {
        switch normalized {
        case "": return .nothing
        case "title", "description", "priority", "user_id", "batch", "custom_id": return .text(normalized)
        case "context": return .context
        default: break
        }
        // The member keeps its letters as they are written.
        let parts = name.split(separator: ".", maxSplits: 1)
        if parts.count == 2, Self.normalized(String(parts[0])) == "context" {
            let member = String(parts[1]).trimmingSpaces
            if !member.isEmpty { return .contextMember(member) }
        }
        throw CSVProblem(text: "is CSV with an unknown column \"\(shown(name))\"; columns are \(allowed)")
    }

    /// A row as the body of a request; an empty cell is an absent field.
    func task(_ cells: [String]) throws(CSVProblem) -> JSONValue {
        guard cells.count == columns.count else {
            throw CSVProblem(
                text:
                    "has \(cells.count) cells, the first line \(columns.count): cells with a separator or a line end in "
                    + "them stand in quotes")
        }
        var task = JSONObject()
        var context: JSONObject?
        for (column, cell) in zip(columns, cells) where !cell.trimmingSpaces.isEmpty {
            switch column {
            case .text("priority"): task["priority"] = .string(cell.trimmingSpaces.lowercased())
            case .text("user_id"): task["user_id"] = .string(cell.trimmingSpaces)
            case .text(let field): task[field] = .string(cell)
            case .context:
                for member in try Self.object(cell).members { try Self.add(member.key, member.value, to: &context) }
            case .contextMember(let name): try Self.add(name, .string(cell), to: &context)
            case .nothing: throw CSVProblem(text: "has text in a column without a name")
            }
        }
        if let context { task["context"] = .object(context) }
        return .object(task)
    }

    private static func object(_ cell: String) throws(CSVProblem) -> JSONObject {
        do throws(JSONError) {
            if let object = try JSONValue(parsing: cell).object { return object }
        } catch {
            throw CSVProblem(text: "context: not JSON: \(error.inLine)")
        }
        throw CSVProblem(text: "context: must be a JSON object, such as {\"year\": 2026}")
    }

    private static func add(
        _ key: String, _ value: JSONValue, to context: inout JSONObject?
    ) throws(CSVProblem) {
        var object = context ?? JSONObject()
        guard object[key] == nil else {
            throw CSVProblem(text: "context: \"\(shown(key))\" is there twice")
        }
        object[key] = value
        context = object
    }

    private static func shown(_ name: String) -> String { PlainText.shortened(PlainText.line(name), to: 40) }
}

extension String {
    fileprivate var trimmingSpaces: String {
        let start = drop { $0.isWhitespace }
        return String(
            start.prefix(upTo: start.lastIndex { !$0.isWhitespace }.map { start.index(after: $0) } ?? start.startIndex))
    }
}
