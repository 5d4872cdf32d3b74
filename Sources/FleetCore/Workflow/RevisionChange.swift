/// A row of `revisions` that moves on.
package struct RevisionChange: Sendable, Equatable {
    package var id: String
    /// The row's new `status`: `scoping`, `in_progress`, `completed` or `failed`.
    package var status: String
    /// How far back the revision reaches; nil keeps what the row says.
    package var scope: RevisionScope?
    /// Nothing more will come of it: the row gets its `completed_at`.
    package var isFinished: Bool
}
