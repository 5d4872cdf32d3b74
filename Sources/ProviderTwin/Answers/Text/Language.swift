import JSON

/// Guesses the language of a text by its small words.
enum Language {
    private static let words: [(tag: String, words: Set<String>)] = [
        ("en", ["the", "and", "of", "to", "for", "with", "our", "is", "please"]),
        ("de", ["der", "die", "das", "und", "nicht", "mit", "eine", "ist", "bitte"]),
        ("fr", ["le", "les", "des", "une", "pour", "avec", "nous", "est"]),
        ("es", ["el", "los", "las", "una", "para", "con", "nuestra", "es"]),
    ]

    /// A BCP 47 tag: what the context says, else the language with the most small words, English if none has any.
    static func tag(of text: String, context: JSONObject) -> String {
        if let tag = context["language"]?.string, tag.utf8.count == 2 { return tag }
        let found = Wording.words(text, limit: 200)
        let counts = words.map { (tag: $0.tag, count: $0.words.intersection(found).count) }
        let best = counts.max { $0.count < $1.count }
        return best.flatMap { $0.count > (counts.first?.count ?? 0) ? $0.tag : nil } ?? "en"
    }
}
