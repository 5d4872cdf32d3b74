/// What the owner of a finished task asked for.
package enum TaskRequest: Sendable, Equatable {
    /// Work on a row of `revisions`.
    case revise(ActiveRevision)
    /// Try the failed parts again.
    case retry
}
