internal import FoundationEssentials

/// Reads small text files whole.
package enum TextFile {
    /// The file's text.
    ///
    /// - Throws: a sentence that says why it cannot be read.
    package static func read(_ path: String, limit: Int = 1 << 20) throws(TextFileProblem) -> String {
        guard let data = FileManager.default.contents(atPath: path) else {
            let exists = FileManager.default.fileExists(atPath: path)
            throw TextFileProblem(text: exists ? "cannot be read: check its permissions" : "does not exist")
        }
        guard data.count <= limit else { throw TextFileProblem(text: "is larger than \(limit) bytes") }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw TextFileProblem(text: Self.encoding(of: data))
        }
        return text
    }

    private static func encoding(of data: Data) -> String {
        let start = Array(data.prefix(2))
        return start == [0xFF, 0xFE] || start == [0xFE, 0xFF] || start.contains(0)
            ? "is UTF-16 text: save it as UTF-8" : "is not UTF-8 text: save it as UTF-8"
    }
}

/// Why a file cannot be used.
package struct TextFileProblem: Error, Sendable {
    /// A clause that follows the file's name.
    package var text: String
}
