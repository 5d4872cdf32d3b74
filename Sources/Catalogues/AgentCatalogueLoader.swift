public import FleetCore

/// Reads the agent catalogue with its prompt and schema files, and checks all of it before anything runs.
public struct AgentCatalogueLoader {
    private let path: String
    private let folder: String

    /// A prompt longer than this is a mistake: a wrong file, or a pasted document.
    static let promptLimit = 64 << 10

    /// - Parameter path: of the YAML file; prompts and schemas are named relative to it.
    public init(path: String) {
        self.path = path
        folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    }

    /// Loads and checks.
    ///
    /// - Parameter models: names that agents may list.
    /// - Throws: a sentence with the file, the place in it and what is allowed.
    public func load(models: [ModelSpec]) throws(AgentCatalogueError) -> AgentCatalogue {
        let document: JSONValue
        do {
            document = try YAMLDocument.parse(try TextFile.read(path))
        } catch let problem as TextFileProblem {
            throw AgentCatalogueError(message: "\(path) \(problem.text)")
        } catch {
            throw problem("is not YAML: \(error)")
        }
        try allow(["agents", "inputs", "schemas"], in: document, at: "the top level")
        let schemas = try schemas(document["schemas"])
        guard let entries = document["agents"]?.array, !entries.isEmpty else {
            throw problem("'agents' must be a list with at least one entry per role")
        }
        var agents: [AgentSpec] = []
        for entry in entries {
            let agent = try agent(entry, models: models)
            guard !agents.contains(where: { $0.type == agent.type }) else {
                throw problem("agent '\(agent.type)' is there twice")
            }
            agents.append(agent)
        }
        for role in [AgentRole.manager, .coordinator, .analyst] {
            let count = agents.count { $0.role == role }
            guard count == 1 else { throw problem("\(count) agents have the role \(role.rawValue): exactly one must") }
        }
        let fallbacks = agents.count { $0.isFallback }
        guard fallbacks == 1 else {
            throw problem("\(fallbacks) specialists have 'fallback: true': exactly one, the generalist, must")
        }
        let inputs = try inputs(document["inputs"])
        try check(inputs, of: agents, schemas, models)
        return AgentCatalogue(agents: agents, schemas: schemas, inputs: inputs)
    }

    private func agent(_ entry: JSONValue, models: [ModelSpec]) throws(AgentCatalogueError) -> AgentSpec {
        guard let type = entry["type"]?.string, Self.isTypeName(type) else {
            throw problem(
                "agent type \(entry["type"]?.serialized() ?? "(missing)"): allowed are 1 to 48 of a-z, 0-9 and _, "
                    + "beginning with a letter")
        }
        let place = "agent '\(type)'"
        try allow(
            [
                "type", "role", "description", "capabilities", "prompts", "models", "complex_models",
                "max_output_tokens", "timeout_seconds", "fallback",
            ], in: entry, at: place)
        guard let role = entry["role"]?.string.flatMap(AgentRole.init(rawValue:)) else {
            throw problem("\(place): role must be one of \(AgentRole.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        guard let description = entry["description"]?.string, !description.isEmpty else {
            throw problem("\(place): description is missing")
        }
        let capabilities = entry.strings("capabilities")
        guard !capabilities.isEmpty else { throw problem("\(place): capabilities must be a list with entries") }
        let isFallback = entry["fallback"]?.bool ?? false
        guard !isFallback || role == .specialist else {
            throw problem("\(place): only a specialist can be the fallback")
        }
        return AgentSpec(
            type: type, role: role, description: description, capabilities: capabilities,
            prompts: try prompts(entry["prompts"], role: role, place: place),
            models: try modelNames("models", entry, models, place: place, required: true),
            complexModels: try modelNames("complex_models", entry, models, place: place, required: false),
            maxOutputTokens: try number("max_output_tokens", entry, 1...1_000_000, default: 4000, place: place),
            timeout: .seconds(try number("timeout_seconds", entry, 1...1500, default: 120, place: place)),
            isFallback: isFallback)
    }

    private func prompts(
        _ value: JSONValue?, role: AgentRole, place: String
    ) throws(AgentCatalogueError) -> [StepKind: String] {
        var prompts: [StepKind: String] = [:]
        for member in value?.object?.members ?? [] {
            guard let kind = StepKind(rawValue: member.key), kind.role == role else {
                throw problem("\(place): prompts.\(member.key) is no step of a \(role.rawValue)")
            }
            let text = try file(member.value, "\(place): prompts.\(member.key)", limit: Self.promptLimit)
            guard !text.allSatisfy(\.isWhitespace) else {
                throw problem("\(place): the prompt file \(member.value.string ?? "") is empty")
            }
            guard !text.unicodeScalars.contains(where: { $0.value < 32 && $0 != "\n" && $0 != "\t" && $0 != "\r" })
            else {
                throw problem(
                    "\(place): the prompt file \(member.value.string ?? "") has control characters: is it text?")
            }
            prompts[kind] = text
        }
        for kind in StepKind.allCases where kind.role == role && prompts[kind] == nil {
            throw problem("\(place): prompts.\(kind.rawValue) is missing: name a file relative to the catalogue")
        }
        return prompts
    }

    private func schemas(_ value: JSONValue?) throws(AgentCatalogueError) -> [StepKind: OutputSchema] {
        var schemas: [StepKind: OutputSchema] = [:]
        for member in value?.object?.members ?? [] {
            guard let kind = StepKind(rawValue: member.key) else {
                throw problem("schemas.\(member.key) is no step kind")
            }
            let json = try file(member.value, "schemas.\(member.key)", limit: Self.promptLimit)
            do {
                _ = try CompiledSchema(json: json)
                // Compact: it goes out with every call, and white space is paid for.
                schemas[kind] = OutputSchema(name: kind.rawValue, json: try JSONValue(parsing: json).serialized())
            } catch {
                throw problem("schemas.\(member.key) (\(member.value.string ?? "")): \(error)")
            }
        }
        for kind in StepKind.allCases where schemas[kind] == nil {
            throw problem("schemas.\(kind.rawValue) is missing: name a file relative to the catalogue")
        }
        return schemas
    }

    private func inputs(_ value: JSONValue?) throws(AgentCatalogueError) -> InputManifest {
        let text = try file(value ?? .null, "inputs", limit: Self.promptLimit)
        do {
            return try InputManifestReader.read(text)
        } catch {
            throw problem("inputs (\(value?.string ?? "")): \(error.message)")
        }
    }

    /// Prompt files and manifest name the same sections, and what has to be shown fits the models that are to see it.
    private func check(
        _ inputs: InputManifest, of agents: [AgentSpec], _ schemas: [StepKind: OutputSchema], _ models: [ModelSpec]
    ) throws(AgentCatalogueError) {
        for agent in agents {
            for (kind, prompt) in agent.prompts.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                if let first = inputs.disagreements(with: prompt, for: kind).first {
                    throw problem("agent '\(agent.type)': prompts.\(kind.rawValue): \(first)")
                }
                guard let entry = inputs[kind] else { continue }
                let names = agent.models + agent.complexModels
                let windows = models.filter { names.contains($0.name) }.map { ($0.maxInputTokens, $0.name) }
                guard let smallest = windows.min(by: { $0.0 < $1.0 }) else { continue }
                let fixed = (prompt.utf8.count + (schemas[kind]?.json.utf8.count ?? 0) + 3) / 4
                let required = entry.sections.filter { $0.need == .required && $0.cuts.isEmpty }.reduce(fixed) {
                    $0 + $1.budget
                }
                guard required <= min(entry.cap, smallest.0) else {
                    throw problem(
                        "agent '\(agent.type)': \(kind.rawValue) needs \(required) tokens for instructions, schema and the"
                            + " sections that must not be cut; \(min(entry.cap, smallest.0)) are allowed (cap \(entry.cap),"
                            + " \(smallest.1) takes \(smallest.0)): lower their budgets in the input manifest, or list"
                            + " models with a larger window")
                }
            }
        }
    }

    private func modelNames(
        _ field: String, _ entry: JSONValue, _ models: [ModelSpec], place: String, required: Bool
    ) throws(AgentCatalogueError) -> [String] {
        let names = entry.strings(field)
        guard !names.isEmpty || !required else { throw problem("\(place): \(field) must be a list with entries") }
        for name in names where !models.contains(where: { $0.name == name }) {
            throw problem(
                "\(place): \(field) names '\(name)', which the model catalogue does not have; it has "
                    + models.map(\.name).joined(separator: ", "))
        }
        return names
    }

    private func number(
        _ field: String, _ entry: JSONValue, _ range: ClosedRange<Int>, default fallback: Int, place: String
    ) throws(AgentCatalogueError) -> Int {
        guard let value = entry[field] else { return fallback }
        guard let number = value.int, range.contains(number) else {
            throw problem(
                "\(place): \(field) is \(value.serialized()): allowed are whole numbers from \(range.lowerBound) to "
                    + "\(range.upperBound)")
        }
        return number
    }

    private func file(_ value: JSONValue, _ place: String, limit: Int) throws(AgentCatalogueError) -> String {
        guard let name = value.string, !name.isEmpty else { throw problem("\(place) must name a file") }
        let full = name.hasPrefix("/") || folder.isEmpty ? name : "\(folder)/\(name)"
        do {
            return try TextFile.read(full, limit: limit)
        } catch {
            throw problem("\(place): the file \(full) \(error.text)")
        }
    }

    private func allow(_ names: [String], in value: JSONValue, at place: String) throws(AgentCatalogueError) {
        guard let object = value.object else { throw problem("\(place) must be a mapping") }
        for key in object.keys where !names.contains(key) {
            throw problem("\(place): '\(key)' is not known; allowed are \(names.joined(separator: ", "))")
        }
    }

    private func problem(_ text: String) -> AgentCatalogueError {
        AgentCatalogueError(message: "\(path): \(text)")
    }

    private static func isTypeName(_ text: String) -> Bool {
        guard let first = text.utf8.first, (1...48).contains(text.utf8.count),
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first)
        else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
            default: false
            }
        }
    }
}
