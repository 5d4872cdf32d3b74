package import JSON

/// A row of `interactions`.
package struct Interaction: Sendable, Equatable {
    /// Who acted; nil: the workflow itself.
    package var agentType: String?
    /// One of the specification's interaction types.
    package var type: String
    /// What was done, in snake_case, such as `plan_rejected`.
    package var action: String
    /// One sentence for people.
    package var description: String
    /// An object with particulars; empty if there are none.
    package var metadata: JSONValue
}
