package import JSON

/// What `interactions` shows of an event that somebody caused, besides the members of the event itself.
package struct Interaction: Sendable, Equatable {
    /// One of the specification's interaction types.
    package var type: String
    /// An object with particulars; empty if there are none.
    package var metadata: JSONValue
}
