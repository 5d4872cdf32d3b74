import FleetCore
import JSON

/// Looks at lines of tasks before they are handed in: which fields nobody knows, which lines will not be taken, and which
/// of several equal ones of a batch each is, however many requests the file takes.
struct BacklogLines {
    private let batch: String?
    private var occurrences = OccurrenceCounter()
    /// Fields that are passed over, each with its first line and how many lines have it.
    private(set) var unknown: [String: (line: Int, count: Int)] = [:]

    init(batch: String?) { self.batch = batch }

    /// The piece with numbers for lines that are repeated in a batch, and what is wrong with its other lines.
    mutating func look(_ piece: TaskFile.Piece) -> (
        piece: TaskFile.Piece, problems: [TaskSubmitter.Refusal], tasks: Int
    ) {
        var (marked, problems, tasks): (TaskFile.Piece, [TaskSubmitter.Refusal], Int) = (piece, [], 0)
        marked.bytes = []
        var place = 0
        for part in piece.bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        where place < piece.lines.count {
            let line = piece.lines[place]
            place += 1
            var text = Array(part)
            if line == 1, text.starts(with: [0xEF, 0xBB, 0xBF]) { text.removeFirst(3) }
            if text.contains(where: { $0 > UInt8(ascii: " ") }) {
                do {
                    let value = try JSONValue(parsing: text)
                    let submission = try TaskSubmission.validate(value)
                    tasks += 1
                    note(value, line)
                    let number =
                        submission.occurrence == nil
                        ? occurrences.next(submission, user: submission.userID, batch: batch ?? submission.batch) : nil
                    if let number, number > 1, let brace = text.lastIndex(of: UInt8(ascii: "}")) {
                        text.insert(contentsOf: Array(#","occurrence":\#(number)"#.utf8), at: brace)
                    }
                } catch let error as JSONError {
                    problems.append(.init(line: line, message: PlainText.line("body: \(error.inLine)")))
                } catch {
                    problems.append(.init(line: line, message: PlainText.line("\(error)")))
                }
            }
            marked.bytes += text
            marked.bytes.append(UInt8(ascii: "\n"))
        }
        return (marked, problems, tasks)
    }

    private mutating func note(_ value: JSONValue, _ line: Int) {
        for key in value.object?.keys ?? [] where !TaskSubmission.fields.contains(key) {
            let name = PlainText.shortened(PlainText.line(key), to: 40)
            guard unknown[name] != nil || unknown.count < 20 else { continue }
            unknown[name, default: (line, 0)].count += 1
        }
    }

    /// A line for each field that was passed over.
    var notes: [String] {
        unknown.sorted { ($0.value.line, $0.key) < ($1.value.line, $1.key) }.map { name, found in
            "note: \"\(name)\" (line \(found.line)\(found.count > 1 ? " and \(found.count - 1) more" : "")) is no field "
                + "of a task and is passed over; fields are \(TaskSubmission.fields.dropLast().joined(separator: ", "))"
        }
    }
}
