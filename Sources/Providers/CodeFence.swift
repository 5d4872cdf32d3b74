/// The Markdown fence that models put around JSON when no schema binds them.
enum CodeFence {
    /// The text inside a fence around the whole text; any other text as it is.
    static func removed(from text: String) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard let first = lines.firstIndex(where: { !isBlank($0) }),
            let last = lines.lastIndex(where: { !isBlank($0) }),
            first < last, lines[first].hasPrefix("```"), isBlank(lines[last].dropFirst(3)), lines[last].hasPrefix("```")
        else { return text }
        return lines[(first + 1)..<last].joined(separator: "\n")
    }

    private static func isBlank(_ line: Substring) -> Bool { line.allSatisfy(\.isWhitespace) }
}
