/// Reads title and description: keywords, requirements by sentence, capabilities by subject.
struct TaskAnalysisAnswer {
    let brief: Brief

    private static let subjects: [(stem: String, domain: String, capability: String)] = [
        ("finan", "finance", "financial_analysis"), ("reven", "finance", "financial_analysis"),
        ("cost", "finance", "cost_analysis"), ("price", "finance", "pricing_analysis"),
        ("marke", "business", "market_analysis"), ("compe", "business", "competitive_analysis"),
        ("strat", "business", "strategy"), ("custo", "business", "customer_research"),
        ("risk", "risk", "risk_assessment"), ("legal", "legal", "legal_review"), ("regul", "legal", "compliance"),
        ("secur", "software", "security_review"), ("softw", "software", "software_architecture"),
        ("archi", "software", "software_architecture"), ("datab", "software", "data_modelling"),
        ("code", "software", "code_review"), ("data", "data", "data_analysis"), ("stati", "data", "statistics"),
        ("healt", "health", "health_research"), ("clini", "health", "health_research"),
        ("energ", "energy", "energy_analysis"), ("clima", "energy", "climate_research"),
        ("write", "writing", "technical_writing"), ("docum", "writing", "technical_writing"),
        ("resea", "research", "research"), ("liter", "research", "literature_review"),
    ]

    func compose() -> [UInt8] {
        let text = brief.taskTitle + ". " + brief.taskDescription
        let keywords = Wording.keywords(text, limit: 10)
        let sentences = Wording.sentences(brief.taskDescription, limit: 6)
        let stems = Set(Wording.keywords(text, limit: 60).map(Wording.stem))
        let matches = Self.subjects.filter { stems.contains($0.stem) }
        var json = JSONWriter(capacity: 1536)
        json.beginObject()
        let opening = sentences.first ?? "The request is stated in its title."
        var summary = "\(brief.taskTitle): \(opening)"
        if let revision = brief.revision { summary += " Revised as asked: \(revision)" }
        json.field("summary", summary)
        json.field("domain", matches.first?.domain ?? "general")
        json.field("keywords", keywords.isEmpty ? ["general"] : keywords)
        json.field("required_capabilities", capabilities(matches.map(\.capability), keywords))
        json.field("complexity", complexity(sentences.count))
        json.key("requirements")
        json.beginArray()
        for (index, requirement) in (sentences.isEmpty ? ["Deliver \(brief.taskTitle)"] : sentences).enumerated() {
            json.beginObject()
            json.field("id", "R\(index + 1)")
            json.field("text", requirement)
            json.endObject()
        }
        json.endArray()
        json.field("constraints", sentences.filter(Self.isConstraint))
        json.endObject()
        return json.bytes
    }

    private func capabilities(_ found: [String], _ keywords: [String]) -> [String] {
        var capabilities: [String] = []
        for capability in found + keywords.prefix(2).map({ "\($0)_analysis" }) + ["research"]
        where !capabilities.contains(capability) {
            capabilities.append(capability)
        }
        return Array(capabilities.prefix(5))
    }

    private func complexity(_ sentences: Int) -> String {
        let size = brief.taskDescription.utf8.count
        return size > 900 || sentences >= 6 ? "complex" : size > 200 || sentences >= 3 ? "moderate" : "simple"
    }

    private static func isConstraint(_ sentence: String) -> Bool {
        let words = sentence.lowercased()
        return [" must ", " only ", " within ", " at most ", " no more ", " budget", " deadline", " not "].contains {
            words.contains($0)
        }
    }
}
