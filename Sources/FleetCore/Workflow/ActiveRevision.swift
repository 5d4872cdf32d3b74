/// A user's revision request, and how far back it reaches once that is known.
package struct ActiveRevision: Sendable, Equatable {
    package var id: String
    /// The user's words; prompts show them.
    package var request: String
    /// Parts of the answer that it is about; empty: all of it.
    package var areas: [String]
    /// Where the work starts again; nil until the user or the manager has said.
    package var scope: RevisionScope?
    /// Of the steps that are created while it is open; nil: the task's.
    package var priority: Priority?

    /// A request; without a scope the manager is asked for one.
    package init(
        id: String, request: String, areas: [String] = [], scope: RevisionScope? = nil, priority: Priority? = nil
    ) {
        self.id = id
        self.request = request
        self.areas = areas
        self.scope = scope
        self.priority = priority
    }
}
