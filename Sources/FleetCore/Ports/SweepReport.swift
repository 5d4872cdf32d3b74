/// What a sweep found.
package struct SweepReport: Sendable, Equatable {
    /// Steps whose worker was lost, made ready again.
    package var takenOver = 0
    /// Steps that took down too many workers.
    package var dead = 0
    /// Dispatched steps whose ticket was lost, made ready again.
    package var reissued = 0
    /// Tasks that waited for nothing: their wake-up was lost.
    package var wokenUp = 0
    /// Steps whose agent type has left the catalogue, failed.
    package var withoutType = 0

    /// Nothing was lost.
    package init() {}

    /// Nothing was lost; otherwise the scheduler looks at once what it can do.
    package var isEmpty: Bool { self == SweepReport() }
}
