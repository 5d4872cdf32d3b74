import FleetCore
import Glibc
import JSON

/// A file of results that is gone on with where it ended: what a killed export had written in part is cut off.
final class ResultFile {
    private let descriptor: Int32
    private let path: String
    /// The cursor after the last result that is in it; nil: it holds none.
    private(set) var cursor: BatchCursor?
    /// It has nothing in it, not even a head.
    private(set) var isEmpty = true

    /// Opens or makes it. Nobody else writes to it meanwhile.
    init(path: String, form: ResultForm) throws(CommandError) {
        self.path = path
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Self.failure(path, "cannot be opened") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw CommandError(.conflict, "\(path) is being written by another export")
        }
        var scan = ResultScan(form: form)
        var (buffer, offset) = ([UInt8](repeating: 0, count: 1 << 20), 0)
        while true {
            let count = pread(descriptor, &buffer, buffer.count, off_t(offset))
            guard count >= 0 else { throw Self.failure(path, "cannot be read") }
            if count == 0 { break }
            scan.take(buffer[..<count])
            offset += count
        }
        var end = 0
        if let last = scan.lastRecord {
            guard let found = Self.cursor(in: last, form) else {
                throw CommandError(.conflict, "\(path) is no export of this form: name another file")
            }
            (cursor, end) = (found.cursor, found.isSummary ? scan.lastStart : scan.end)
            isEmpty = false
        } else if !scan.rest.isEmpty, !form.begins(with: scan.rest) {
            throw CommandError(.conflict, "\(path) is no export of this form: name another file")
        }
        guard ftruncate(descriptor, off_t(end)) == 0, lseek(descriptor, off_t(end), SEEK_SET) >= 0 else {
            throw Self.failure(path, "cannot be cut")
        }
    }

    deinit { close(descriptor) }

    func write(_ text: String) throws(CommandError) {
        let bytes = Array(text.utf8)
        var done = 0
        while done < bytes.count {
            let count = bytes[done...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw Self.failure(path, "cannot be written") }
            done += count
        }
    }

    private static func failure(_ path: String, _ what: String) -> CommandError {
        CommandError(.failed, "\(path) \(what): \(String(cString: strerror(errno)))")
    }

    /// Of a whole record; nil if it is none of an export. The head of a CSV has none.
    private static func cursor(
        in record: [UInt8], _ form: ResultForm
    ) -> (cursor: BatchCursor?, isSummary: Bool)? {
        switch form {
        case .jsonl:
            guard let value = try? JSONValue(parsing: record) else { return nil }
            let summary = value["summary"]
            guard let text = (summary ?? value)["cursor"]?.string, let cursor = BatchCursor(text) else { return nil }
            return (cursor, summary != nil)
        case .csv:
            let text = String(decoding: record, as: UTF8.self).filter { !$0.isNewline }
            if text == ResultForm.columns.joined(separator: ",") { return (nil, false) }
            guard let last = text.split(separator: ",").last, let cursor = BatchCursor(last) else { return nil }
            return (cursor, false)
        }
    }
}

extension ResultForm {
    /// Whether a record that was cut off may be one of this form.
    fileprivate func begins(with bytes: [UInt8]) -> Bool {
        let start = Array((self == .csv ? Self.columns.joined(separator: ",") : #"{"custom_id":"#).utf8)
        return zip(bytes, start).allSatisfy(==)
    }
}

/// Finds the last whole record of a file, and keeps no more than that and what comes after it.
struct ResultScan {
    private let form: ResultForm
    private var isQuoted = false
    private var offset = 0
    /// Of the last whole record, and of what comes after it.
    private(set) var lastRecord: [UInt8]?
    private(set) var lastStart = 0
    private(set) var end = 0
    private(set) var rest: [UInt8] = []

    init(form: ResultForm) { self.form = form }

    mutating func take(_ bytes: ArraySlice<UInt8>) {
        var start = bytes.startIndex
        for index in bytes.indices {
            let byte = bytes[index]
            if form == .csv, byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            guard byte == UInt8(ascii: "\n"), !isQuoted else { continue }
            rest += bytes[start...index]
            start = index + 1
            (lastRecord, lastStart) = (rest, end)
            end += rest.count
            rest = []
        }
        rest += bytes[start...]
    }
}
