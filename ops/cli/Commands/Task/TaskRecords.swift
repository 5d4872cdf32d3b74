import FleetCore
import JSON

/// The tasks of a file that was read whole.
struct TaskRecords {
    /// What stands in one task's place.
    struct Record {
        /// Of the file, where it begins.
        var line: Int
        /// Compact JSON, or what keeps it from being sent.
        var content: Result<String, TaskSubmitter.Refusal>
    }

    private let records: [Record]
    private var position = 0

    private init(_ records: [Record]) { self.records = records }

    mutating func next(lineLimit: Int, byteLimit: Int) -> TaskFile.Piece? {
        guard position < records.count else { return nil }
        var piece = TaskFile.Piece(bytes: [], lines: [])
        while position < records.count, piece.lines.count < lineLimit, piece.bytes.count < byteLimit {
            let record = records[position]
            position += 1
            switch record.content {
            case .success(let text):
                piece.bytes += text.utf8
                piece.bytes.append(UInt8(ascii: "\n"))
                piece.lines.append(record.line)
            case .failure(let refusal): piece.refusals.append(refusal)
            }
        }
        return piece
    }

    // MARK: JSON

    /// Objects one after another, and arrays of objects.
    static func json(
        _ bytes: [UInt8], of path: String
    ) throws(CommandError) -> TaskRecords {
        let values: [(offset: Int, value: JSONValue)]
        do {
            values = try JSONValue.sequence(parsing: bytes)
        } catch {
            throw TextSource.refusal(path, "is not JSON: \(error); nothing was handed in")
        }
        if values.count == 1, let object = values.first?.value.object, let hint = wrapped(object) {
            throw TextSource.refusal(path, hint)
        }
        var lines = LineCounter(bytes)
        var records: [Record] = []
        for (offset, value) in values {
            guard let elements = value.array else {
                records.append(Record(line: lines.line(of: offset), content: .success(value.serialized())))
                continue
            }
            let starts = JSONElements.starts(bytes, ofArrayAt: offset)
            guard starts.count == elements.count else {
                throw TextSource.refusal(path, "is a JSON array that cannot be counted")
            }
            for (start, element) in zip(starts, elements) {
                let line = lines.line(of: start)
                guard element.object != nil else {
                    throw TextSource.refusal(
                        path, "has an array whose element at line \(line) is no object with title and description")
                }
                records.append(Record(line: line, content: .success(element.serialized())))
            }
        }
        return TaskRecords(records)
    }

    /// An object that is no task but holds a list of them.
    private static func wrapped(_ object: JSONObject) -> String? {
        guard object["title"] == nil, object["description"] == nil,
            let member = object.members.first(where: { $0.value.array?.first?.object != nil })
        else { return nil }
        let key = PlainText.shortened(member.key, to: 60)
        return
            "is one object without title and description; its list \"\(key)\" may be meant: hand that in, for example "
            + "with `jq -c '.[\"\(key)\"][]'`"
    }

    // MARK: CSV

    static func csv(
        _ bytes: [UInt8], of path: String
    ) throws(CommandError) -> TaskRecords {
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw TextSource.refusal(
                path,
                "is CSV but not UTF-8 text: save it as \"CSV UTF-8\", or convert it, for example with `iconv -f "
                    + "WINDOWS-1252 -t UTF-8`")
        }
        let table: CSVTable
        let columns: CSVColumns
        do throws(CSVProblem) {
            table = try CSVTable(bytes)
            columns = try CSVColumns(table.header)
        } catch {
            throw TextSource.refusal(path, "\(error.text); nothing was handed in")
        }
        return TaskRecords(
            table.rows.map { row in
                let content: Result<String, TaskSubmitter.Refusal>
                do throws(CSVProblem) {
                    content = .success(try columns.task(row.cells).serialized())
                } catch {
                    content = .failure(TaskSubmitter.Refusal(line: row.line, message: error.text))
                }
                return Record(line: row.line, content: content)
            })
    }
}

/// Lines of offsets that only grow.
struct LineCounter {
    private let bytes: [UInt8]
    private var offset = 0
    private var line = 1

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func line(of target: Int) -> Int {
        while offset < target {
            if bytes[offset] == UInt8(ascii: "\n") { line += 1 }
            offset += 1
        }
        return line
    }
}

/// Finds the elements of an array that has been parsed, so that brackets and quotes are known to be in order.
enum JSONElements {
    /// Offsets of the elements' first bytes.
    static func starts(_ bytes: [UInt8], ofArrayAt start: Int) -> [Int] {
        var starts: [Int] = []
        var depth = 0
        var position = start
        var isElementDue = false
        while position < bytes.count {
            let byte = bytes[position]
            let isSpace = [0x20, 0x09, 0x0A, 0x0D].contains(byte)
            if isElementDue, depth == 1, !isSpace, byte != UInt8(ascii: "]") {
                starts.append(position)
                isElementDue = false
            }
            switch byte {
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                depth += 1
                if depth == 1 { isElementDue = true }
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                depth -= 1
                if depth == 0 { return starts }
            case UInt8(ascii: ","): if depth == 1 { isElementDue = true }
            case UInt8(ascii: "\""):
                position += 1
                while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
                    position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
                }
            default: break
            }
            position += 1
        }
        return starts
    }
}
