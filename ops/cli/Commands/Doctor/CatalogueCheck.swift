import Catalogues
import FleetCore

/// Whether the catalogues can be used: what a worker would say when it starts.
struct CatalogueCheck {
    private let environment: [String: String]

    init(_ environment: [String: String]) { self.environment = environment }

    /// Those of the catalogue that this command finds; nil: none that can be read.
    var models: [ModelSpec]? {
        guard let files = try? files() else { return nil }
        return try? FleetCatalogues(agents: files.agents, models: files.models).models.models
    }

    private func files() throws(CommandError) -> FleetFiles {
        try FleetFiles(
            environment: environment, executable: FleetFiles.executable, workingDirectory: FleetFiles.workingDirectory)
    }

    var finding: Finding {
        let files: FleetFiles
        do {
            files = try self.files()
        } catch {
            return .problem("catalogues", "\(error)", "set MIXMYAI_AGENTS and MIXMYAI_MODELS")
        }
        do {
            let catalogues = try FleetCatalogues(agents: files.agents, models: files.models)
            return .fine("catalogues", Self.summary(catalogues.agents, catalogues.models.models))
        } catch {
            return .problem("catalogues", "\(error)", "correct the file; workers/agents/README.md explains each key")
        }
    }

    /// What is there, and which kinds of step are shown less than their cap because a model takes less.
    static func summary(_ agents: AgentCatalogue, _ models: [ModelSpec]) -> String {
        let windows = Dictionary(models.map { ($0.name, $0.maxInputTokens) }, uniquingKeysWith: { first, _ in first })
        let lowered = StepKind.allCases.compactMap { kind -> String? in
            guard let cap = agents.inputs[kind]?.cap else { return nil }
            let names = agents.agents.filter { $0.prompts[kind] != nil }.flatMap { $0.models + $0.complexModels }
            guard let smallest = names.compactMap({ windows[$0] }).min(), smallest < cap else { return nil }
            return "\(kind.rawValue) is cut to \(smallest) tokens"
        }
        let note = lowered.isEmpty ? "" : "; \(lowered.joined(separator: ", ")) for models with a smaller window"
        return "\(agents.specialists.count) specialists, \(models.count) models\(note)\(parameters(models))"
    }

    /// What models are asked in another way than their API's, so that a refusal (400) can be compared with it.
    private static func parameters(_ models: [ModelSpec]) -> String {
        let notes = models.compactMap { model -> String? in
            var parts: [String] = []
            if let limit = model.tokenLimit { parts.append("max_tokens_parameter \(limit.rawValue)") }
            if !model.asksForUsage { parts.append("no stream_options") }
            if model.responseFormat != .jsonSchema { parts.append("response_format \(model.responseFormat.rawValue)") }
            return parts.isEmpty ? nil : "\(model.name) with \(parts.joined(separator: ", "))"
        }
        return notes.isEmpty ? "" : "; asks \(notes.joined(separator: "; "))"
    }
}
