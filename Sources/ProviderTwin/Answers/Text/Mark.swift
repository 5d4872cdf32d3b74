/// The signs by which an answer shows what it took from its prompt, and by which the next one recognises them.
///
/// Writers put them into their texts, reviewers look for them: a text that lacks a sign did not use that input.
enum Mark {
    /// The beginning of a text: enough to tell it from others, short enough to survive in a quotation.
    static func of(_ text: String) -> String {
        let line = text.utf8.firstIndex(of: 0x0A).map { String(text[..<$0]) } ?? text
        return Wording.trimmed(Wording.clipped(Wording.trimmed(line), 48))
    }

    /// The text as it is quoted: one line of at most `bytes`, which ends at a word and with an ellipsis if it is cut.
    ///
    /// A quotation of 80 bytes or more still has the mark of its text.
    static func quoted(_ text: String, _ bytes: Int) -> String {
        let line = text.utf8.contains(0x0A) ? text.split(separator: "\n").joined(separator: " ") : text
        guard line.utf8.count > bytes else { return Wording.trimmed(line) }
        let cut = Wording.clipped(line, bytes - ellipsis.utf8.count)
        let space = cut.utf8.suffix(longestWord).lastIndex(of: 0x20)
        return Wording.trimmed(space.map { String(cut[..<$0]) } ?? cut) + ellipsis
    }

    private static let ellipsis = "…"
    private static let longestWord = 24

    static func leftTo(_ key: String) -> String { "Left to \(key)" }

    static func contradicts(_ key: String) -> String { "contradicts \(key)" }

    /// How a solution says which of the approaches it takes.
    static func approach(_ name: String) -> String { "Approach: \(name)" }

    static let changes = "Changes in this version"
    /// How a solution says that it replaces a rejected one.
    static let newStart = "A new start"
    static let asAsked = "As the user asked:"
    static let constraintKept = "Constraint kept:"
    static let wholeTask = "the task as a whole"
    static let anotherApproach = "by another approach than"
    static let answer = "Answer "
    static let builds = "Builds on "
}
