/// A specialist chosen for a task.
public struct SelectedSpecialist: Sendable, Equatable {
    /// An agent type with the role of a specialist.
    public var type: String
    /// Why it was chosen: the manager's reason if it proposed the type.
    public var rationale: String
    /// What the manager wants it to look at; empty if it did not propose the type.
    public var focusAreas: [String]
    /// 0 to 1: how well the type fits, load included.
    public var score: Double

    /// All parts; nothing is checked.
    public init(type: String, rationale: String, focusAreas: [String] = [], score: Double) {
        self.type = type
        self.rationale = rationale
        self.focusAreas = focusAreas
        self.score = score
    }

    /// Reads the stored form; nil if it names no type.
    public init?(_ json: JSONValue) {
        guard let type = json["type"]?.string else { return nil }
        self.init(
            type: type, rationale: json["rationale"]?.string ?? "", focusAreas: json.strings("focus_areas"),
            score: json["score"]?.double ?? 0)
    }

    /// The stored form, readable by ``init(_:)``.
    public var json: JSONValue {
        [
            "type": .string(type), "rationale": .string(rationale), "focus_areas": .strings(focusAreas),
            "score": .double(score),
        ]
    }
}

/// Chooses the specialists of a task: the manager proposes, the catalogue decides.
///
/// Every specialist is scored 0 to 1 by how many of the required capabilities it has, whether the analysis' words
/// occur in what it says of itself, and what the manager proposed; a busy type loses a little. The best 2 to 5, by
/// complexity, are taken; if together they lack a required capability that some other type has, that type joins in
/// place of the weakest, and if nobody has it the generalist is added.
public struct SpecialistSelector: Sendable {
    /// Parts of the score; they add up to one.
    struct Weights {
        static let capabilities = 0.45
        static let proposal = 0.35
        static let words = 0.20
        /// Taken off at full load.
        static let load = 0.15
    }

    /// Most specialists of a task, the generalist not counted.
    public static let maximum = 5

    /// A specialist as selection sees it, worked out once: this runs for every task.
    private struct Profile {
        var type: String
        var capabilities: Set<String>
        var words: Set<String>

        init(_ agent: AgentSpec) {
            type = agent.type
            capabilities = Set(agent.capabilities.map(SpecialistSelector.normalized))
            words = SpecialistSelector.words(in: agent.capabilities + [agent.type, agent.description])
        }
    }

    private let catalogue: AgentCatalogue
    private let profiles: [String: Profile]
    private let candidates: [Profile]

    /// Works out once what selection compares.
    public init(catalogue: AgentCatalogue) {
        self.catalogue = catalogue
        profiles = Dictionary(
            catalogue.agents.map { ($0.type, Profile($0)) }, uniquingKeysWith: { first, _ in first })
        candidates = catalogue.specialists.filter { !$0.isFallback }.map(Profile.init)
    }

    /// Chooses.
    ///
    /// - Parameters:
    ///   - proposal: the specialist_selection answer; nil if the manager could not give one.
    ///   - load: steps per agent type that wait or run now.
    public func select(analysis: TaskAnalysis, proposal: JSONValue?, load: [String: Int]) -> [SelectedSpecialist] {
        let proposed = proposals(in: proposal)
        let busiest = Double(max(candidates.map { load[$0.type] ?? 0 }.max() ?? 0, 1))
        let required = Set(analysis.requiredCapabilities.map(Self.normalized))
        let words = Self.words(in: analysis.keywords + [analysis.domain])

        var ranked: [SelectedSpecialist] = candidates.map { agent in
            let mention = proposed[agent.type]
            let base =
                Weights.capabilities * capabilityShare(of: agent, required: required)
                + Weights.proposal * (mention?.weight ?? 0) + Weights.words * wordShare(of: agent, words: words)
            let penalty = Weights.load * Double(load[agent.type] ?? 0) / busiest
            return SelectedSpecialist(
                type: agent.type, rationale: mention?.rationale ?? "Fits the required capabilities.",
                focusAreas: mention?.focusAreas ?? [], score: max(0, base - (base > 0 ? penalty : 0)))
        }
        // Ties by name, so that the same task is planned alike everywhere.
        ranked.sort { ($0.score, $1.type) > ($1.score, $0.type) }

        var chosen = Array(ranked.filter { $0.score > 0 }.prefix(analysis.complexity.specialistCount))
        let hasGap = close(gapsOf: required, in: &chosen, ranked: ranked)
        if hasGap || chosen.count < 2, let generalist = catalogue.generalist {
            chosen.append(
                SelectedSpecialist(
                    type: generalist.type, rationale: "Covers what no chosen specialist is made for.", score: 0))
        }
        for filler in ranked where chosen.count < 2 && !chosen.contains(where: { $0.type == filler.type }) {
            chosen.append(filler)
        }
        return chosen
    }

    /// Adds a type for every required capability that is missing; true if one is had by nobody.
    private func close(
        gapsOf required: Set<String>, in chosen: inout [SelectedSpecialist], ranked: [SelectedSpecialist]
    ) -> Bool {
        var hasGap = false
        for capability in required.sorted() where !chosen.contains(where: { has(capability, $0.type) }) {
            guard let cover = ranked.first(where: { has(capability, $0.type) }) else {
                hasGap = true
                continue
            }
            if chosen.count < Self.maximum {
                chosen.append(cover)
            } else {
                hasGap = true
            }
        }
        return hasGap
    }

    private func has(_ capability: String, _ type: String) -> Bool {
        profiles[type]?.capabilities.contains(capability) ?? false
    }

    private func capabilityShare(of agent: Profile, required: Set<String>) -> Double {
        guard !required.isEmpty else { return 0 }
        return Double(required.count(where: agent.capabilities.contains)) / Double(required.count)
    }

    private func wordShare(of agent: Profile, words: Set<String>) -> Double {
        guard !words.isEmpty else { return 0 }
        return min(1, Double(words.count(where: agent.words.contains)) / Double(min(words.count, 4)))
    }

    private struct Proposal {
        var weight: Double
        var rationale: String
        var focusAreas: [String]
    }

    private func proposals(in answer: JSONValue?) -> [String: Proposal] {
        var result: [String: Proposal] = [:]
        for entry in answer?["specialists"]?.array ?? [] {
            guard let type = entry["type"]?.string, catalogue[type]?.role == .specialist, result[type] == nil else {
                continue
            }
            let weight: Double =
                switch entry["priority"]?.string {
                case "high": 1
                case "low": 0.5
                default: 0.75
                }
            result[type] = Proposal(
                weight: weight, rationale: entry["rationale"]?.string ?? "", focusAreas: entry.strings("focus_areas"))
        }
        return result
    }

    static func normalized(_ capability: String) -> String {
        String(capability.lowercased().map { $0 == " " || $0 == "-" ? "_" : $0 })
    }

    /// Lower-case words of at least four letters.
    static func words(in texts: [String]) -> Set<String> {
        var result: Set<String> = []
        for text in texts {
            for word in text.lowercased().split(whereSeparator: { !$0.isLetter && !$0.isNumber }) where word.count > 3 {
                result.insert(String(word))
            }
        }
        return result
    }
}
