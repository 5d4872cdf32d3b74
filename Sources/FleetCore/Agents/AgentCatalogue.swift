/// What one agent type can do and how it is asked.
package struct AgentSpec: Sendable, Equatable {
    /// Name of the type and of its queue `agent.<type>`.
    package var type: String
    /// Which step kinds it performs; see ``StepKind/role``.
    package var role: AgentRole
    /// What it does, for the manager that selects and for users; selection compares its words with the analysis.
    package var description: String
    /// What it is good at, in snake_case; specialists are scored by them.
    package var capabilities: [String]
    /// Instructions per step kind: the text of its prompt files.
    package var prompts: [StepKind: String]
    /// Models in order of preference; later ones are fallbacks.
    package var models: [String]
    /// Models for complex subtasks and second opinions; empty: the same as `models`.
    package var complexModels: [String]
    /// Tokens that one answer may have; the model's own bound holds as well.
    package var maxOutputTokens: Int
    /// A single call's deadline; far below the broker's consumer timeout.
    package var timeout: Duration
    /// The generalist that fills capability gaps.
    package var isFallback: Bool

    package init(
        type: String, role: AgentRole, description: String, capabilities: [String], prompts: [StepKind: String],
        models: [String], complexModels: [String] = [], maxOutputTokens: Int, timeout: Duration,
        isFallback: Bool = false
    ) {
        self.type = type
        self.role = role
        self.description = description
        self.capabilities = capabilities
        self.prompts = prompts
        self.models = models
        self.complexModels = complexModels
        self.maxOutputTokens = maxOutputTokens
        self.timeout = timeout
        self.isFallback = isFallback
    }

    /// The models to try, best first.
    ///
    /// - Parameter complex: the subtask is complex, or another model's solution was rejected.
    package func preferredModels(complex: Bool) -> [String] {
        complex && !complexModels.isEmpty ? complexModels : models
    }

    /// Names, best first: one of the agent's own that an operator wants goes before the others. What an attempt may cost at
    /// most is known for these only.
    package func preferredModels(for input: StepInput) -> [String] {
        let usual = preferredModels(complex: input.prefersComplexModels)
        guard let wanted = input.preferredModel, models.contains(wanted) || complexModels.contains(wanted) else {
            return usual
        }
        return [wanted] + usual.filter { $0 != wanted }
    }
}

/// All agent types, and the schema of each kind of answer.
package struct AgentCatalogue: Sendable {
    /// In the file's order.
    package let agents: [AgentSpec]
    /// What answers must look like; the loader has made sure that every step kind has one.
    package let schemas: [StepKind: OutputSchema]
    /// What each kind of step shows its model.
    package let inputs: InputManifest
    private let byType: [String: AgentSpec]
    private let promptVersions: [String: [StepKind: String]]

    /// - Precondition: types are unique; the loader has checked that.
    package init(agents: [AgentSpec], schemas: [StepKind: OutputSchema], inputs: InputManifest) {
        self.agents = agents
        self.schemas = schemas
        self.inputs = inputs
        byType = Dictionary(agents.map { ($0.type, $0) }, uniquingKeysWith: { first, _ in first })
        promptVersions = byType.mapValues { agent in
            var versions: [StepKind: String] = [:]
            for (kind, prompt) in agent.prompts {
                guard let schema = schemas[kind] else { continue }
                versions[kind] = inputs.promptVersion(kind, instructions: prompt, schema: schema)
            }
            return versions
        }
    }

    /// Names the manifest entry, the instructions and the schema that a step is asked with, for the ledger; nil if the
    /// type does not perform that kind.
    package func promptVersion(_ type: String, _ kind: StepKind) -> String? { promptVersions[type]?[kind] }

    /// The agent type of that name; nil if the catalogue does not have it.
    package subscript(type: String) -> AgentSpec? { byType[type] }

    /// The agent types that solve subtasks.
    package var specialists: [AgentSpec] { agents.filter { $0.role == .specialist } }

    /// Models that agents may ask and that have no price in force on a day.
    package func modelsWithoutPrice(among models: [ModelSpec], on day: String) -> [String] {
        let named = Set(agents.flatMap { $0.models + $0.complexModels })
        return models.filter { named.contains($0.name) && !$0.hasPrice(on: day) }.map(\.name)
    }

    /// The specialist that takes what no other one covers.
    package var generalist: AgentSpec? { agents.first { $0.role == .specialist && $0.isFallback } }

    /// The agent type that performs a step of a role other than specialist.
    package func type(for role: AgentRole) -> String {
        agents.first { $0.role == role }?.type ?? role.rawValue
    }
}
