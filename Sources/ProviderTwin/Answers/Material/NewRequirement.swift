import JSON

/// Makes requirements of sentences; analysis and scoping share the rules.
enum NewRequirement {
    private static let mostPerRequest = 2
    private static let wishes: Set<String> = [
        "should", "ideally", "optional", "optionally", "preferably", "sollte", "sollten", "idealerweise", "optionally",
    ]
    private static let longestCheck = 160

    /// What a user's request asks for, sentence by sentence.
    static func texts(in request: String) -> [String] {
        let sentences = Wording.sentences(request, limit: mostPerRequest)
        if !sentences.isEmpty { return sentences }
        let whole = Mark.quoted(request, 240)
        return whole.isEmpty ? [] : [whole]
    }

    /// The next requirement: the first of all is a must, the others unless their words say that they are wishes.
    static func make(_ text: String, after requirements: [GivenRequirement]) -> GivenRequirement {
        let words = Wording.words(text, limit: 60)
        let isWish = !wishes.isDisjoint(with: words) || text.lowercased().contains("if possible")
        let subject = Wording.keywords(text, limit: 3).joined(separator: ", ")
        let check = "One passage says what holds for \(subject.isEmpty ? "this" : subject) and on which basis"
        return GivenRequirement(
            id: "R\(GivenRequirement.nextNumber(after: requirements))", text: text,
            isMust: requirements.isEmpty || !isWish, check: Wording.clipped(check, longestCheck)
        )
    }
}

extension JSONWriter {
    /// A requirement as the schemas of analysis and scoping want it.
    mutating func requirement(_ requirement: GivenRequirement) {
        beginObject()
        field("id", requirement.id)
        field("text", requirement.text)
        field("level", requirement.isMust ? "must" : "should")
        field("check", requirement.check)
        endObject()
    }
}
