import JSON

/// How a file or a stream of tasks is written, as its first lines show.
package enum BacklogForm: Sendable, Equatable {
    /// JSON Lines: one object per line.
    case lines
    /// One JSON array, or several.
    case array
    /// Objects over several lines each.
    case document
    /// Names of columns with a task's among them: CSV.
    case columns
    /// Text of no form: one bad line of many, or a file of something else.
    case unclear
    /// Something that holds no tasks; the text goes on from "is".
    case other(String)

    /// Looks at the first lines that are not blank, byte order mark taken off.
    ///
    /// - Parameters:
    ///   - first: the first one.
    ///   - second: the one after it; nil if it is not known or there is none.
    package init(first: [UInt8], second: [UInt8]? = nil) {
        let line = Self.trimmed(first)
        if let kind = Self.binary(line) {
            self = .other(kind)
            return
        }
        switch line.first {
        case UInt8(ascii: "["): self = .array
        case UInt8(ascii: "{"): self = Self.isWholeOnItsLine(line, second) ? .lines : .document
        case UInt8(ascii: "<"): self = .other("XML or HTML")
        default: self = Self.text(line)
        }
    }

    private static func isWholeOnItsLine(_ line: [UInt8], _ second: [UInt8]?) -> Bool {
        if (try? JSONValue(parsing: line)) != nil { return true }
        if let last = line.last, "{[,:".utf8.contains(last) { return false }
        // A line with a fault in it, among lines that are objects.
        if let second, trimmed(second).first == UInt8(ascii: "{") { return true }
        return line.last == UInt8(ascii: "}") || second == nil
    }

    private static func text(_ line: [UInt8]) -> BacklogForm {
        let text = String(decoding: line.prefix(1000), as: UTF8.self)
        if text == "---" || text.hasPrefix("- ") || text.hasPrefix("title:") || text.hasPrefix("tasks:") {
            return .other("YAML")
        }
        let names = text.lowercased().split { !$0.isLetter && $0 != "_" }
        return names.contains("title") || names.contains("description") ? .columns : .unclear
    }

    /// Files that are no text at all, by their first bytes.
    private static func binary(_ bytes: [UInt8]) -> String? {
        let kinds: [([UInt8], String)] = [
            ([0x1F, 0x8B], "gzip data"), (Array("PK\u{3}\u{4}".utf8), "a ZIP archive or a workbook (xlsx, ods)"),
            ([0xD0, 0xCF, 0x11, 0xE0], "a workbook of the old Excel format (xls)"),
            ([0x28, 0xB5, 0x2F, 0xFD], "compressed with zstd"), (Array("BZh".utf8), "compressed with bzip2"),
            ([0xFD] + Array("7zXZ".utf8), "compressed with xz"), (Array("7z".utf8) + [0xBC, 0xAF], "a 7z archive"),
            (Array("PAR1".utf8), "a Parquet file"), (Array("SQLite format".utf8), "a SQLite database"),
            (Array("%PDF".utf8), "a PDF"), (Array("Obj\u{1}".utf8), "an Avro file"),
            (Array("ARROW1".utf8), "an Arrow file"),
            ([0xFF, 0xFE], "UTF-16 text"), ([0xFE, 0xFF], "UTF-16 text"),
        ]
        if let kind = kinds.first(where: { bytes.starts(with: $0.0) }) { return kind.1 }
        return bytes.prefix(512).contains(0) ? "no text: it has NUL bytes" : nil
    }

    private static func trimmed(_ line: [UInt8]) -> [UInt8] {
        let isSpace: (UInt8) -> Bool = { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
        let end = line.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? 0
        return Array(line[..<end].drop(while: isSpace))
    }
}
