import ArgumentParser
import FleetCore
import Foundation
import Providers
import Yams

/// The fleet's own catalogues: real prompts, real schemas, real queues.
struct BenchCatalogue {
    let agents: AgentCatalogue
    let models: ModelCatalogue

    private struct Document: Decodable {
        var agents: [Agent]
        var schemas: [String: String]
    }

    private struct Agent: Decodable {
        var type: String
        var role: String
        var description: String
        var capabilities: [String]
        var prompts: [String: String]
        var models: [String]
        var complexModels: [String]?
        var maxOutputTokens: Int
        var timeoutSeconds: Int
        var fallback: Bool

        enum CodingKeys: String, CodingKey {
            case type, role, description, capabilities, prompts, models, fallback
            case complexModels = "complex_models"
            case maxOutputTokens = "max_output_tokens"
            case timeoutSeconds = "timeout_seconds"
        }
    }

    /// Reads the files that MIXMYAI_AGENTS and MIXMYAI_MODELS name.
    init(_ servers: Servers) throws {
        models = try ModelCatalogue.load(path: servers.required("MIXMYAI_MODELS"))
        let file = URL(fileURLWithPath: try servers.required("MIXMYAI_AGENTS"))
        let folder = file.deletingLastPathComponent()
        func text(_ name: String) throws -> String {
            try String(contentsOf: folder.appending(path: name), encoding: .utf8)
        }
        let document = try YAMLDecoder().decode(Document.self, from: Data(contentsOf: file))
        var schemas: [StepKind: OutputSchema] = [:]
        for (name, path) in document.schemas {
            schemas[try Self.kind(name)] = OutputSchema(
                name: name, json: try JSONValue(parsing: text(path)).serialized())
        }
        let agents = try document.agents.map { agent in
            guard let role = AgentRole(rawValue: agent.role) else { throw ValidationError("no role: \(agent.role)") }
            return AgentSpec(
                type: agent.type, role: role, description: agent.description, capabilities: agent.capabilities,
                prompts: Dictionary(
                    uniqueKeysWithValues: try agent.prompts.map { (try Self.kind($0.key), try text($0.value)) }),
                models: agent.models, complexModels: agent.complexModels ?? [], maxOutputTokens: agent.maxOutputTokens,
                timeout: .seconds(agent.timeoutSeconds), isFallback: agent.fallback)
        }
        self.agents = AgentCatalogue(agents: agents, schemas: schemas)
    }

    private static func kind(_ name: String) throws -> StepKind {
        guard let kind = StepKind(rawValue: name) else { throw ValidationError("no step kind: \(name)") }
        return kind
    }
}
