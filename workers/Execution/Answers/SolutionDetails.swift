import FleetCore
import JSON

/// What a specialist said beside its solution's text, and what reviews made of it.
struct SolutionDetails {
    enum Part {
        case keyFindings, assumptions, sources, covers, openPoints
    }

    private let metadata: JSONValue

    init(_ solution: PromptMaterial.Solution) {
        metadata = solution.metadata.flatMap { try? JSONValue(parsing: $0) } ?? .null
    }

    /// It stayed below the bar, and was accepted as the best there is.
    var isPartial: Bool { metadata["partial"]?.bool ?? false }
    /// Weighted, 0 to 10; nil if no review has judged it.
    var score: Double? { metadata["score"]?.double }

    /// One part as an element; nil if there is nothing in it.
    func list(_ part: Part) -> PromptElement? {
        switch part {
        case .keyFindings: PromptElement.list("key_findings", of: "finding", metadata.strings("key_findings"))
        case .assumptions: PromptElement.list("assumptions", of: "assumption", metadata.strings("assumptions"))
        case .sources: PromptElement.list("sources", of: "source", metadata.strings("sources"))
        case .openPoints: PromptElement.list("open_points", of: "point", metadata.strings("open_points"))
        case .covers: covers
        }
    }

    private var covers: PromptElement? {
        let entries = (metadata["covers"]?.array ?? []).compactMap { entry -> PromptElement? in
            guard let id = entry["requirement"]?.string else { return nil }
            return PromptElement(
                "cover", [("requirement", id), ("complete", entry["complete"]?.bool == true ? "yes" : "no")],
                text: entry["where"]?.string ?? "")
        }
        return entries.isEmpty ? nil : PromptElement("covers", children: entries)
    }
}
