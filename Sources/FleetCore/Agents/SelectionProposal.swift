import JSON

/// What the manager proposed in its specialist_selection answer.
struct SelectionProposal {
    /// A type that the manager wants.
    struct Mention {
        /// 0.5 to 1, by the priority that the manager gave.
        var weight: Double
        var rationale: String
        var focusAreas: [String]
    }

    private static let longestReason = 200

    /// By type; of two about one type the first. Nobody has looked yet whether there are such types.
    private(set) var mentions: [String: Mention] = [:]
    /// Types of which the manager says what only they contribute.
    private(set) var contributors: Set<String> = []
    /// Capabilities that are needed and that the manager found nobody to have, each with its reason or nothing.
    private(set) var gaps: [String: String] = [:]

    /// Nothing was proposed if there is no answer.
    init(_ answer: JSONValue?) {
        for entry in answer?["specialists"]?.array ?? [] {
            guard let type = entry["type"]?.string, mentions[type] == nil else { continue }
            let weight: Double =
                switch entry["priority"]?.string {
                case "high": 1
                case "low": 0.5
                default: 0.75
                }
            mentions[type] = Mention(
                weight: weight, rationale: entry["rationale"]?.string ?? "", focusAreas: entry.strings("focus_areas"))
            if !(entry["adds"]?.string ?? "").allSatisfy(\.isWhitespace) { contributors.insert(type) }
        }
        for gap in answer?["gaps"]?.array ?? [] {
            let capability = SpecialistSelector.normalized(gap["capability"]?.string ?? "")
            guard !capability.allSatisfy({ $0 == "_" || $0.isWhitespace }), gaps[capability] == nil else { continue }
            gaps[capability] = gap["reason"]?.string?.cut(to: Self.longestReason) ?? ""
        }
    }
}
