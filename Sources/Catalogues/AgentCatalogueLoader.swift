package import FleetCore
import JSON

/// Reads the agent catalogue with its prompt and schema files, and checks all of it before anything runs.
package struct AgentCatalogueLoader {
    private let path: String
    private let folder: String

    /// A prompt longer than this is a mistake: a wrong file, or a pasted document.
    static let promptLimit = 64 << 10

    /// - Parameter path: of the YAML file; prompts and schemas are named relative to it.
    package init(path: String) {
        self.path = path
        folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    }

    /// Loads and checks.
    ///
    /// - Parameter models: names that agents may list.
    /// - Throws: a sentence with the file, the place in it and what is allowed.
    package func load(models: [ModelSpec]) throws(AgentCatalogueError) -> AgentCatalogue {
        let document = try document()
        try allow(["agents", "inputs", "schemas"], in: document, at: "the top level")
        guard let entries = document["agents"]?.entries, !entries.isEmpty else {
            throw problem(
                document["agents"]?.line ?? document.line, "'agents' must be a list with at least one entry per role")
        }
        var problems = CatalogueProblems()
        let schemas = problems.collect { () throws(AgentCatalogueError) in
            try self.schemas(document["schemas"], document.line)
        }
        var agents: [AgentSpec] = []
        for entry in entries {
            problems.collect { () throws(AgentCatalogueError) in
                let agent = try agent(entry, models: models)
                guard !agents.contains(where: { $0.type == agent.type }) else {
                    throw problem(entry.line, "agent '\(agent.type)' is there twice")
                }
                agents.append(agent)
            }
        }
        let inputs = problems.collect { () throws(AgentCatalogueError) in
            try self.inputs(document["inputs"], document.line)
        }
        try problems.finish()
        for role in [AgentRole.manager, .coordinator, .analyst] {
            let count = agents.count { $0.role == role }
            guard count == 1 else {
                throw problem(entries[0].line, "\(count) agents have the role \(role.rawValue): exactly one must")
            }
        }
        let fallbacks = agents.count { $0.isFallback }
        guard fallbacks == 1 else {
            throw problem(
                entries[0].line, "\(fallbacks) specialists have 'fallback: true': exactly one, the generalist, must")
        }
        // All are there: what is missing has been thrown.
        let (foundSchemas, foundInputs) = (schemas ?? [:], inputs ?? InputManifest(kinds: [:]))
        try check(foundInputs, of: agents, foundSchemas, models)
        return AgentCatalogue(agents: agents, schemas: foundSchemas, inputs: foundInputs)
    }

    private func document() throws(AgentCatalogueError) -> YAMLNode {
        let document: YAMLNode?
        do {
            document = try YAMLDocument.parse(try TextFile.read(path))
        } catch let problem as TextFileProblem {
            throw AgentCatalogueError(message: "\(path) \(problem.text)")
        } catch {
            throw AgentCatalogueError(message: "\(path): is not YAML: \(error)")
        }
        guard let document else {
            throw AgentCatalogueError(message: "\(path) is empty: it needs agents, inputs and schemas")
        }
        return document
    }

    private func agent(_ entry: YAMLNode, models: [ModelSpec]) throws(AgentCatalogueError) -> AgentSpec {
        guard entry.members != nil else {
            throw problem(entry.line, "an entry of agents is \(entry.shown), not a mapping")
        }
        let name = try? entry["type"]?.text()
        guard let type = name, Self.isTypeName(type) else {
            throw problem(
                entry["type"]?.line ?? entry.line,
                "agent type \(entry["type"]?.shown ?? "(missing)"): allowed are 1 to 48 of a-z, 0-9 and _, "
                    + "beginning with a letter; a word that YAML takes for something else stands in quotes")
        }
        let place = "agent '\(type)'"
        try allow(
            [
                "type", "role", "description", "capabilities", "prompts", "models", "complex_models",
                "max_output_tokens", "timeout_seconds", "fallback",
            ], in: entry, at: place)
        guard let role = entry["role"]?.raw.flatMap(AgentRole.init(rawValue:)) else {
            throw problem(
                entry["role"]?.line ?? entry.line,
                "\(place): role is \(entry["role"]?.shown ?? "missing"): allowed are "
                    + AgentRole.allCases.map(\.rawValue).joined(separator: ", "))
        }
        guard let descriptionNode = entry["description"] else {
            throw problem(entry.line, "\(place): description is missing")
        }
        let description = try read("description", descriptionNode, place) { (node) throws(YAMLFault) in try node.text()
        }
        let capabilities = try texts("capabilities", entry, place)
        guard !capabilities.isEmpty else {
            throw problem(
                entry["capabilities"]?.line ?? entry.line, "\(place): capabilities must be a list with entries")
        }
        var isFallback = false
        if let node = entry["fallback"] {
            isFallback = try read("fallback", node, place) { (node) throws(YAMLFault) in try node.flag() }
        }
        guard !isFallback || role == .specialist else {
            throw problem(entry["fallback"]?.line ?? entry.line, "\(place): only a specialist can be the fallback")
        }
        return AgentSpec(
            type: type, role: role, description: description, capabilities: capabilities,
            prompts: try prompts(entry["prompts"], entry.line, role: role, place: place),
            models: try modelNames("models", entry, models, place: place, required: true),
            complexModels: try modelNames("complex_models", entry, models, place: place, required: false),
            maxOutputTokens: try number("max_output_tokens", entry, 1...1_000_000, default: 4000, place: place),
            timeout: .seconds(try number("timeout_seconds", entry, 1...1500, default: 120, place: place)),
            isFallback: isFallback)
    }

    private func prompts(
        _ value: YAMLNode?, _ line: Int, role: AgentRole, place: String
    ) throws(AgentCatalogueError) -> [StepKind: String] {
        var prompts: [StepKind: String] = [:]
        for member in try members(value, "\(place): prompts") {
            guard let kind = StepKind(rawValue: member.key), kind.role == role else {
                throw problem(member.line, "\(place): prompts.\(member.key) is no step of a \(role.rawValue)")
            }
            let text = try file(member.value, "\(place): prompts.\(member.key)", limit: Self.promptLimit)
            guard !text.allSatisfy(\.isWhitespace) else {
                throw problem(member.line, "\(place): the prompt file \(member.value.raw ?? "") is empty")
            }
            guard !text.unicodeScalars.contains(where: { $0.value < 32 && $0 != "\n" && $0 != "\t" && $0 != "\r" })
            else {
                throw problem(
                    member.line,
                    "\(place): the prompt file \(member.value.raw ?? "") has control characters: is it text?")
            }
            prompts[kind] = text
        }
        for kind in StepKind.allCases where kind.role == role && prompts[kind] == nil {
            throw problem(
                value?.line ?? line,
                "\(place): prompts.\(kind.rawValue) is missing: name a file relative to the catalogue")
        }
        return prompts
    }

    private func schemas(_ value: YAMLNode?, _ line: Int) throws(AgentCatalogueError) -> [StepKind: OutputSchema] {
        var schemas: [StepKind: OutputSchema] = [:]
        for member in try members(value, "schemas") {
            guard let kind = StepKind(rawValue: member.key) else {
                throw problem(
                    member.line,
                    "schemas.\(member.key) is no step kind; they are "
                        + StepKind.allCases.map(\.rawValue).joined(separator: ", "))
            }
            let json = try file(member.value, "schemas.\(member.key)", limit: Self.promptLimit)
            do {
                _ = try CompiledSchema(json: json)
                // Compact: it goes out with every call, and white space is paid for.
                schemas[kind] = OutputSchema(name: kind.rawValue, json: try JSONValue(parsing: json).serialized())
            } catch {
                throw problem(member.line, "schemas.\(member.key) (\(member.value.raw ?? "")): \(error)")
            }
        }
        for kind in StepKind.allCases where schemas[kind] == nil {
            throw problem(
                value?.line ?? line, "schemas.\(kind.rawValue) is missing: name a file relative to the catalogue")
        }
        return schemas
    }

    private func inputs(_ value: YAMLNode?, _ line: Int) throws(AgentCatalogueError) -> InputManifest {
        guard let value else { throw problem(line, "inputs is missing: name a file relative to the catalogue") }
        let text = try file(value, "inputs", limit: Self.promptLimit)
        return try InputManifestReader.read(text, file: full(value.raw ?? ""))
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
        _ field: String, _ entry: YAMLNode, _ models: [ModelSpec], place: String, required: Bool
    ) throws(AgentCatalogueError) -> [String] {
        let names = try texts(field, entry, place)
        let line = entry[field]?.line ?? entry.line
        guard !names.isEmpty || !required else { throw problem(line, "\(place): \(field) must be a list with entries") }
        for name in names where !models.contains(where: { $0.name == name }) {
            throw problem(
                line,
                "\(place): \(field) names '\(name)', which the model catalogue does not have; it has "
                    + models.map(\.name).joined(separator: ", "))
        }
        return names
    }

    /// Nothing if the field is not there.
    private func texts(_ field: String, _ entry: YAMLNode, _ place: String) throws(AgentCatalogueError) -> [String] {
        guard let value = entry[field] else { return [] }
        return try read(field, value, place) { (node) throws(YAMLFault) in try node.texts() }
    }

    private func number(
        _ field: String, _ entry: YAMLNode, _ range: ClosedRange<Int>, default fallback: Int, place: String
    ) throws(AgentCatalogueError) -> Int {
        guard let value = entry[field] else { return fallback }
        return try read(field, value, place) { (node) throws(YAMLFault) in try node.integer(in: range) }
    }

    private func read<Value>(
        _ field: String, _ node: YAMLNode, _ place: String, _ read: (YAMLNode) throws(YAMLFault) -> Value
    ) throws(AgentCatalogueError) -> Value {
        do {
            return try read(node)
        } catch {
            // An entry's place stands right behind the field's name.
            let gap = error.text.hasPrefix("[") ? "" : " "
            throw problem(error.line ?? node.line, "\(place): \(field)\(gap)\(error.text)")
        }
    }

    private func members(_ value: YAMLNode?, _ place: String) throws(AgentCatalogueError) -> [YAMLNode.Member] {
        guard let value, !value.isNull else { return [] }
        guard let members = value.members else {
            throw problem(value.line, "\(place) is \(value.shown): it must be a mapping of step kinds to files")
        }
        return members
    }

    private func file(_ value: YAMLNode, _ place: String, limit: Int) throws(AgentCatalogueError) -> String {
        let name: String
        do {
            name = try value.text()
        } catch {
            throw problem(value.line, "\(place) \(error.text): it must name a file")
        }
        do {
            return try TextFile.read(full(name), limit: limit)
        } catch {
            throw problem(value.line, "\(place): the file \(full(name)) \(error.text)")
        }
    }

    private func full(_ name: String) -> String {
        name.hasPrefix("/") || folder.isEmpty ? name : "\(folder)/\(name)"
    }

    private func allow(_ names: [String], in value: YAMLNode, at place: String) throws(AgentCatalogueError) {
        guard let members = value.members else { throw problem(value.line, "\(place) must be a mapping") }
        for member in members where !names.contains(member.key) {
            throw problem(
                member.line, "\(place): '\(member.key)' is not known; allowed are \(names.joined(separator: ", "))")
        }
    }

    private func problem(_ line: Int, _ text: String) -> AgentCatalogueError {
        AgentCatalogueError(message: "\(path):\(line): \(text)")
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
