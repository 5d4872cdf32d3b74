/// The worker's side of the rows.
package protocol StepStore: Sendable {
    /// Announces a worker and returns the id of this incarnation.
    func register(name: String, agentTypes: [String], slots: Int) async throws(StoreFailure) -> Int

    /// Renews every lease of the worker; says which of its steps were cancelled, the limits in force, and which circuits an
    /// operator wants closed.
    func heartbeat(worker: Int, _ report: WorkerReport) async throws(StoreFailure) -> Heartbeat

    /// Takes leases on the steps of tickets; one result per request, in order.
    func claim(_ requests: [ClaimRequest], worker: Int, deadAfter: Duration) async throws(StoreFailure) -> [ClaimResult]

    /// Gives back what a claim whose answer was lost may have taken: steps that the worker holds in the rows but does
    /// not run. Never called while a claim of the same worker is under way.
    ///
    /// - Parameter claimedBefore: the database's time in microseconds since 1970 at some moment before the call: what was
    ///   claimed later stays, should the call be carried out late.
    func giveBack(_ stepIDs: [Int], worker: Int, claimedBefore: Int) async throws(StoreFailure)

    /// Writes what attempts wait for that have called nobody yet, as long as the worker holds them.
    ///
    /// - Returns: whether it holds the attempt; one per note, in order.
    func note(_ waits: [LimitWaitNote], worker: Int) async throws(StoreFailure) -> [Bool]

    /// Writes outcomes and ledger rows in one transaction; one result per settlement, in order.
    func settle(_ settlements: [Settlement], worker: Int) async throws(StoreFailure) -> [SettlementResult]

    /// Ends the incarnation: whatever it still holds can be taken over at once.
    func retire(worker: Int) async throws(StoreFailure)
}
