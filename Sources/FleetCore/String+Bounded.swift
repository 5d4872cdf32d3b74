// What others wrote is kept and quoted in bounded length: it goes into prompts, events and rows.
extension String {
    /// At most so many Unicode scalars, which is what PostgreSQL counts as characters.
    package func cut(to count: Int) -> String {
        unicodeScalars.count <= count ? self : String(unicodeScalars.prefix(count))
    }

    /// For a message: at most 60 characters.
    var shown: String { unicodeScalars.count <= 60 ? self : cut(to: 57) + "..." }
}

extension [String] {
    /// For a message: the first twenty, and how many more there are.
    var shown: String {
        prefix(20).map(\.shown).joined(separator: ", ") + (count > 20 ? " and \(count - 20) more" : "")
    }
}
