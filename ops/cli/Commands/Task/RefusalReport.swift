/// Says the same fault of many lines only a few times.
struct RefusalReport {
    /// Lines that are told for one kind of fault.
    private static let limit = 10

    private var counts: [String: (count: Int, message: String, last: Int)] = [:]

    /// What to say of a refused line; nil if its kind has been said often enough.
    mutating func line(for refusal: TaskSubmitter.Refusal) -> String? {
        // The same fault at another place of the line is the same kind.
        let kind = String(refusal.message.filter { !$0.isNumber })
        var entry = counts[kind] ?? (0, refusal.message, refusal.line)
        entry.count += 1
        entry.last = refusal.line
        counts[kind] = entry
        return entry.count <= Self.limit ? "line \(refusal.line): \(refusal.message)" : nil
    }

    /// How many more there were of each kind.
    var summary: [String] {
        counts.values.filter { $0.count > Self.limit }.sorted { $0.last < $1.last }.map { entry in
            "and \(entry.count - Self.limit) more lines like that, the last one line \(entry.last): \(entry.message)"
        }
    }
}
