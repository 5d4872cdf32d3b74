/// Where the twin takes its verdicts from.
package enum AnswerMode: String, CaseIterable, Sendable {
    /// From what the prompt shows: an answer is as good as its inputs, and a reviewer finds the faults that are there.
    case inputs
    /// Drawn by hash: solutions are without fault, and fixed shares of first versions are sent back.
    case hash

    /// Every name a setting may use, for messages.
    static var allowedNames: String { allCases.map(\.rawValue).joined(separator: ", ") }
}
