/// The scheduler's side of the rows.
package protocol WorkflowStore: Sendable {
    /// Takes up to `limit` tasks that something happened to, and as many new ones as their first queue has room for, the
    /// most urgent ones and of those whose turn it is; locks their rows, lets `decide` look at each and writes what it
    /// says, all in one transaction, in which the steps that may go out now are dispatched as well, as
    /// ``dispatch(limitPerQueue:)`` would. Returns what was done: tickets to publish, events to announce. A task that
    /// cannot be advanced is set aside.
    func advance(
        limit: Int, dispatchLimit: Int, _ decide: @escaping Decision
    ) async throws(StoreFailure) -> AdvanceReport

    /// Marks the next ready steps dispatched, by priority, fair share and age, within each queue's window.
    func dispatch(limitPerQueue: Int) async throws(StoreFailure) -> [Ticket]

    /// Undoes a dispatch whose tickets the broker did not take.
    func undoDispatch(stepIDs: [Int]) async throws(StoreFailure)

    /// Makes parked steps ready whose time has come, or dispatched if it is a reserved turn that has come; says when
    /// the next one's time comes.
    func releaseParked(limit: Int) async throws(StoreFailure) -> ParkedReport

    /// Finds lost work and gives it back: see ``SweepReport``. Only one scheduler sweeps at a time; others get nil.
    func sweep(_ policy: SweepPolicy) async throws(StoreFailure) -> SweepReport?

    /// Steps that wait or run, per agent type and state, as a recent sweep has counted them; new tasks count as ready steps
    /// of the type that they begin with.
    func load() async throws(StoreFailure) -> [QueueLoad]

    /// Writes the agent types of the catalogue, with what an attempt of theirs may cost, into `agents` and the queue
    /// settings, keeping what operators set.
    func register(_ agents: [AgentSpec], bounds: AttemptBounds) async throws(StoreFailure)

    /// Records a ticket that came back through the dead-letter exchange.
    func recordDeadTicket(_ ticket: ReceivedTicket, reason: String) async throws(StoreFailure)
}
