/// The tasks of a backlog file.
struct BacklogFile: Sendable {
    let path: String

    init(path: String) { self.path = path }

    /// The file's lines that are not blank: all of them, or `count`, beginning again after the last.
    func lines(count: Int?) throws(CommandError) -> [[UInt8]] {
        var file = try TaskFile(path: path)
        var lines: [[UInt8]] = []
        while let piece = try file.next() {
            if let refusal = piece.refusals.first {
                throw CommandError(.usage, "\(path), line \(refusal.line): \(refusal.message)")
            }
            lines += piece.bytes.split(separator: UInt8(ascii: "\n")).map(Array.init).filter { line in
                line.contains { $0 > UInt8(ascii: " ") }
            }
        }
        guard !lines.isEmpty else { throw CommandError(.failed, "there are no tasks in \(path)") }
        return (0..<(count ?? lines.count)).map { lines[$0 % lines.count] }
    }
}
