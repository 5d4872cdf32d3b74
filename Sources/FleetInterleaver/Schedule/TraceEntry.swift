/// What a party did when it was its turn.
package struct TraceEntry: Sendable {
    /// From 1, in the order of the turns.
    package var number: Int
    /// Whose turn it was.
    package var party: String
    /// What it was about, in words.
    package var operation: String
    /// The statement that was sent; nil: the party began something new.
    package var statement: String?
    /// What came of it.
    package var outcome = ""

    /// One line for people.
    package var line: String {
        let place = String(repeating: " ", count: max(0, 4 - "\(number)".count)) + "\(number)"
        let name = party + String(repeating: " ", count: max(0, 14 - party.count))
        guard let statement else { return "\(place)  \(name)\(operation)" }
        return "\(place)  \(name)  \(statement)\(outcome.isEmpty ? "" : ": \(outcome)")"
    }
}
