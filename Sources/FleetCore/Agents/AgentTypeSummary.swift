/// An agent type as users see it.
package struct AgentTypeSummary: Sendable, Equatable {
    /// Name of the type; also the id of its agent.
    package var type: String
    /// An ``AgentRole``, as it is stored.
    package var role: String
    /// From the catalogue, for people who hand in tasks.
    package var description: String
    /// In snake_case, from the catalogue.
    package var capabilities: [String]

    package init(type: String, role: String, description: String, capabilities: [String]) {
        self.type = type
        self.role = role
        self.description = description
        self.capabilities = capabilities
    }
}
