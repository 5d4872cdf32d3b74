/// How a pool is used, and has been since it was made.
package struct PostgresPoolUse: Sendable, Equatable {
    /// Connections that are lent now.
    package let busy: Int
    /// Callers that stand in line now.
    package let waiting: Int
    /// Callers that had to stand in line.
    package let waits: Int
    /// For so long together.
    package let waited: Duration
    /// Connections made, those that took the place of broken ones included.
    package let connectionsMade: Int
}
