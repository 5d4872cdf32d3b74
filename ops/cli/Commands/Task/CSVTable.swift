/// Why a CSV file, or a row of it, cannot be used; goes on from "is" or the row's number.
struct CSVProblem: Error {
    var text: String
}

/// A CSV file (RFC 4180): cells in quotes may hold separators, line ends and doubled quotes.
///
/// The separator is the one of comma, semicolon, tab and bar with which the header has the columns that are needed.
struct CSVTable {
    struct Row {
        /// Of the file, where the row begins.
        var line: Int
        var cells: [String]
    }

    let header: [String]
    let rows: [Row]

    /// - Parameter bytes: UTF-8.
    init(_ bytes: [UInt8]) throws(CSVProblem) {
        // Excel's own line that names the separator.
        var start = 0
        var named: UInt8?
        if bytes.count > 5, String(decoding: bytes[..<4], as: UTF8.self).lowercased() == "sep=" {
            named = bytes[4]
            start = bytes.firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? bytes.count
        }
        let beginning = CSVReader(bytes, from: start, line: start > 0 ? 2 : 1, separator: named ?? UInt8(ascii: ","))
        let separators = named.map { [$0] } ?? Array(",;\t|".utf8)
        var reader = Self.best(separators.map(beginning.separated(by:))) ?? beginning
        guard let header = try reader.nextWithText() else { throw CSVProblem(text: "is empty") }
        self.header = header.cells
        var rows: [Row] = []
        while let row = try reader.nextWithText() { rows.append(row) }
        self.rows = rows
    }

    /// The reader that finds the columns that are needed; else the one that finds the most.
    private static func best(_ readers: [CSVReader]) -> CSVReader? {
        var best: (reader: CSVReader, score: Int)?
        for reader in readers {
            var probe = reader
            // With the wrong separator quotes seem out of place.
            guard let cells = try? probe.nextWithText()?.cells else { continue }
            let names = cells.map(CSVColumns.normalized)
            let score = names.contains("title") && names.contains("description") ? Int.max : cells.count
            if score > best?.score ?? 0 { best = (reader, score) }
        }
        return best?.reader
    }
}

/// Reads row after row.
private struct CSVReader {
    private var line: Int
    private let bytes: [UInt8]
    private var separator: UInt8
    private var position: Int

    init(_ bytes: [UInt8], from start: Int, line: Int, separator: UInt8) {
        self.bytes = bytes
        self.separator = separator
        self.line = line
        position = start
    }

    /// The same from here on with another separator.
    func separated(by separator: UInt8) -> CSVReader {
        var reader = self
        reader.separator = separator
        return reader
    }

    /// The next row that is not empty.
    mutating func nextWithText() throws(CSVProblem) -> CSVTable.Row? {
        while let row = try next() {
            if row.cells.contains(where: { !$0.isEmpty }) { return row }
        }
        return nil
    }

    /// Nil after the last.
    mutating func next() throws(CSVProblem) -> CSVTable.Row? {
        guard position < bytes.count else { return nil }
        let start = line
        var cells: [String] = []
        while true {
            cells.append(try cell())
            guard position < bytes.count, bytes[position] == separator else { break }
            position += 1
        }
        takeLineEnd()
        return CSVTable.Row(line: start, cells: cells)
    }

    private mutating func cell() throws(CSVProblem) -> String {
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
            let cell = bytes[position...].prefix { $0 != separator && !Self.isLineEnd($0) }
            position = cell.endIndex
            return String(decoding: cell, as: UTF8.self)
        }
        let opened = line
        position += 1
        var text: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                guard position + 1 < bytes.count, bytes[position + 1] == byte else {
                    position += 1
                    return try close(text, opened)
                }
                position += 1
            } else if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") && !isFollowedByFeed {
                line += 1
            }
            text.append(byte)
            position += 1
        }
        throw CSVProblem(text: "is CSV whose quotes opened at line \(opened) are never closed")
    }

    private mutating func close(_ text: [UInt8], _ opened: Int) throws(CSVProblem) -> String {
        guard position == bytes.count || bytes[position] == separator || Self.isLineEnd(bytes[position]) else {
            throw CSVProblem(
                text:
                    "is CSV with text right after the closing quotes at line \(line): quotes inside a cell are doubled "
                    + "(the cell begins at line \(opened))")
        }
        return String(decoding: text, as: UTF8.self)
    }

    private var isFollowedByFeed: Bool { position + 1 < bytes.count && bytes[position + 1] == UInt8(ascii: "\n") }

    private mutating func takeLineEnd() {
        guard position < bytes.count else { return }
        position += isFollowedByFeed && bytes[position] == UInt8(ascii: "\r") ? 2 : 1
        line += 1
    }

    private static func isLineEnd(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") }
}
