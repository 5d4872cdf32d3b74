internal import Yams

/// Why a text is not a YAML document that we read.
package struct YAMLProblem: Error, Sendable, Equatable, CustomStringConvertible {
    /// From 1; nil if it concerns the whole.
    package let line: Int?
    /// From 1.
    package let column: Int?
    /// What is wrong.
    package let text: String

    init(line: Int?, column: Int?, text: String) {
        (self.line, self.column, self.text) = (line, column, text)
    }

    /// Yams' own descriptions quote the text, and once all of it: a settings file holds keys and passwords.
    init(_ error: YamlError, in yaml: String) {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _):
            let isTab = Self.character(at: mark, of: yaml) == "\t"
            self.init(
                line: mark.line, column: mark.column, text: isTab ? "a tab: YAML is indented with spaces" : problem)
        case .composer(_, let problem, let mark, _):
            let isSecond = problem.contains("another document")
            self.init(
                line: mark.line, column: mark.column,
                text: isSecond ? "a second document begins here: one is allowed" : problem)
        case .reader(let problem, let offset, _, _):
            let before = offset.map { yaml.prefix($0) } ?? ""
            self.init(line: offset == nil ? nil : 1 + before.count { $0.isNewline }, column: nil, text: problem)
        case .duplicatedKeysInMapping(let keys, let context):
            let names = keys.map { "'\($0.prefix(60))'" }.joined(separator: ", ")
            self.init(
                line: context.mark.line, column: context.mark.column,
                text: keys.count == 1 ? "the key \(names) is there twice" : "the keys \(names) are there twice")
        default: self.init(line: nil, column: nil, text: "is no YAML")
        }
    }

    private static func character(at mark: Mark, of yaml: String) -> Character? {
        let lines = yaml.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.indices.contains(mark.line - 1) else { return nil }
        return lines[mark.line - 1].dropFirst(mark.column - 1).first
    }

    /// Place and text.
    package var description: String {
        let place = [line.map { "line \($0)" }, column.map { "column \($0)" }].compactMap { $0 }.joined(separator: ", ")
        return place.isEmpty ? text : "\(place): \(text)"
    }
}
