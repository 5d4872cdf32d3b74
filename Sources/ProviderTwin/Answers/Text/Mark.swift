/// The signs by which an answer shows what it took from its prompt, and by which the next one recognises them.
///
/// Writers put them into their texts, reviewers look for them: a text that lacks a sign did not use that input.
enum Mark {
    /// The beginning of a text: enough to tell it from others, short enough to survive in a quotation.
    static func of(_ text: String) -> String {
        let line = text.utf8.firstIndex(of: 0x0A).map { String(text[..<$0]) } ?? text
        return Wording.trimmed(Wording.clipped(Wording.trimmed(line), 48))
    }

    /// The text as it is quoted: one line of at most `bytes`.
    static func quoted(_ text: String, _ bytes: Int) -> String {
        let line = text.utf8.contains(0x0A) ? text.split(separator: "\n").joined(separator: " ") : text
        return Wording.trimmed(Wording.clipped(line, bytes))
    }

    static func leftTo(_ key: String) -> String { "Left to \(key)" }

    static func contradicts(_ key: String) -> String { "contradicts \(key)" }

    /// How a solution says which of the approaches it takes.
    static func approach(_ name: String) -> String { "Approach: \(name)" }

    static let changes = "Changes in this version"
    static let asAsked = "As the user asked:"
    static let constraintKept = "Constraint kept:"
    static let wholeTask = "the task as a whole"
    static let anotherApproach = "by another approach than"
    static let answer = "Answer "
    static let builds = "Builds on "
}
