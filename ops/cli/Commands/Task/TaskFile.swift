import FleetCore

/// A file of tasks, read piece by piece as JSON Lines, however it is written.
///
/// JSON Lines are passed on as they are, so that a file may be larger than the memory. Other forms are read whole and
/// checked before the first piece is given out.
struct TaskFile: ~Copyable {
    /// Whole lines, and where in the file they come from.
    struct Piece: Sendable, Equatable {
        /// JSON Lines.
        var bytes: [UInt8]
        /// For each of the lines, the line of the file.
        var lines: [Int]
        /// What the file has in places of tasks that cannot be sent.
        var refusals: [TaskSubmitter.Refusal] = []
    }

    private var source: TextSource
    private let lineLimit: Int
    private let byteLimit: Int
    private var pending: [UInt8] = []
    private var isAtEnd = false
    private var nextLine = 1
    private var isKnown = false
    /// The file's tasks, if it is not written as JSON Lines.
    private var records: TaskRecords?
    /// The file has line ends of old Macs: a carriage return, and never a line feed.
    private var hasBareReturns = false

    /// - Parameters:
    ///   - path: `-` for standard input.
    ///   - lineLimit: lines of a piece at most.
    ///   - byteLimit: a piece ends with the line that reaches it.
    init(path: String, lineLimit: Int = 1000, byteLimit: Int = 4 << 20) throws(CommandError) {
        source = try TextSource(path: path)
        self.lineLimit = lineLimit
        self.byteLimit = byteLimit
    }

    /// The next lines; nil after the last.
    ///
    /// - Throws: at the first call, what the file is if it holds no tasks, and what to do about it.
    mutating func next() throws(CommandError) -> Piece? {
        if !isKnown {
            try lookAtForm()
            isKnown = true
        }
        if records != nil { return records?.next(lineLimit: lineLimit, byteLimit: byteLimit) }
        while !isAtEnd && pending.count < byteLimit { try fill() }
        guard !pending.isEmpty else { return nil }
        var end = 0
        var lines = 0
        while lines < lineLimit && end < byteLimit, end < pending.count {
            guard let feed = pending[end...].firstIndex(of: UInt8(ascii: "\n")) else {
                // A line longer than a piece: the rest of it is needed, or it is the last one.
                if isAtEnd {
                    end = pending.count
                    lines += 1
                } else if lines == 0 {
                    try fill()
                    continue
                }
                break
            }
            end = feed + 1
            lines += 1
        }
        let piece = Piece(bytes: Array(pending[..<end]), lines: Array(nextLine..<nextLine + lines))
        pending.removeSubrange(..<end)
        nextLine += lines
        return piece
    }

    // MARK: Which form it has

    private mutating func lookAtForm() throws(CommandError) {
        // Two lines tell; a first line beyond the limit of a piece is looked at as far as it goes.
        while !isAtEnd && pending.count < byteLimit && textLines(2).count < 2 { try fill() }
        hasBareReturns = !pending.contains(UInt8(ascii: "\n")) && pending.contains(UInt8(ascii: "\r"))
        let lines = textLines(2)
        guard let first = lines.first else { return }
        let form = BacklogForm(first: first, second: lines.count > 1 ? lines[1] : nil)
        switch form {
        case .lines:
            if hasBareReturns { breakLines(from: 0) }
        case .array, .document:
            records = try .json(try whole(), of: source.path)
        case .columns:
            records = try .csv(try whole(), of: source.path)
        case .unclear:
            // A header of other columns is said by their names.
            if first.count < 200, first.contains(where: { ",;\t|".utf8.contains($0) }) {
                records = try .csv(try whole(), of: source.path)
            } else {
                throw TextSource.refusal(
                    source.path, "holds no tasks: line 1 is no JSON object and names no columns; \(Self.advice)")
            }
        case .other(let kind): throw TextSource.refusal(source.path, "is \(kind); \(Self.advice)")
        }
    }

    private static let advice =
        "write one JSON object with title and description per line (JSON Lines), a JSON array of them, or CSV with "
        + "columns of these names"

    /// The first lines with text in them, of what has been read.
    private func textLines(_ count: Int) -> [[UInt8]] {
        var found: [[UInt8]] = []
        var rest = pending[...]
        while found.count < count, !rest.isEmpty {
            let line = rest.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
            // Without its end a line is not known to be whole.
            guard isAtEnd || line.endIndex < rest.endIndex || found.isEmpty && pending.count >= byteLimit else { break }
            if line.contains(where: { $0 > UInt8(ascii: " ") }) { found.append(Array(line)) }
            rest = rest[line.endIndex...].dropFirst()
        }
        return found
    }

    /// The longest file that is held in memory.
    private static let wholeLimit = 256 << 20

    private mutating func whole() throws(CommandError) -> [UInt8] {
        while !isAtEnd {
            guard pending.count <= Self.wholeLimit else {
                throw TextSource.refusal(
                    source.path,
                    "is larger than \(Self.wholeLimit >> 20) MiB and no JSON Lines: write one object per line, for "
                        + "example with `jq -c '.[]'`")
            }
            try fill()
        }
        defer { pending = [] }
        return pending
    }

    private mutating func fill() throws(CommandError) {
        guard let bytes = try source.next() else {
            isAtEnd = true
            return
        }
        pending += bytes
        if hasBareReturns { breakLines(from: pending.count - bytes.count) }
    }

    private mutating func breakLines(from start: Int) {
        for index in start..<pending.count where pending[index] == UInt8(ascii: "\r") {
            pending[index] = UInt8(ascii: "\n")
        }
    }
}
