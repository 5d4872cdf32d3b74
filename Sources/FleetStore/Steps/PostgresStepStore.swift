package import FleetCore
import JSON
package import PostgresClient

/// The worker's side of the rows, on PostgreSQL.
///
/// A batch of claims is two round trips (lease, then texts), a batch of settlements one statement in its own
/// transaction, however many steps it holds.
package final class PostgresStepStore: StepStore {
    let pool: PostgresPool

    /// - Parameter pool: each call holds one of its connections; shut down by whoever made it.
    package init(pool: PostgresPool) {
        self.pool = pool
    }

    /// Writes a new row at every start, also for a name that is there already.
    package func register(name: String, agentTypes: [String], slots: Int) async throws(StoreFailure) -> Int {
        try await pool.session { session in
            try session.execute(
                WorkerStatements.register, [.text(name), .textArray(agentTypes), .int4(Int32(slots))]
            ).only()
        }
    }

    /// Revives a worker that was given up as lost; its old leases are gone all the same.
    package func heartbeat(worker: Int, _ report: WorkerReport) async throws(StoreFailure) -> Heartbeat {
        try await pool.session { session in
            // A heartbeat is worth nothing after a crash of the server: its commit need not wait for the disk.
            var statements: [(PostgresStatement, [PostgresValue])] = [
                (PostgresWorkflowStore.DispatchStatements.asynchronousCommit, []),
                (
                    WorkerStatements.beat,
                    [
                        .int8(worker), .int4(Int32(report.running)), .text(report.isDraining ? "draining" : "active"),
                        report.circuits.map { .jsonb(JSONValue.array($0.map(\.json)).serialized()) } ?? .null,
                        report.hearing.map { .jsonb(Self.json($0)) } ?? .null,
                    ]
                ),
                (WorkerStatements.cancelled, [.int8(worker)]),
                (WorkerStatements.limits, []),
                (WorkerStatements.resets, [.int8(report.lastReset)]),
            ]
            if let hearing = report.hearing {
                statements.append((WorkerStatements.canaries, [.textArray(hearing.keys.sorted())]))
            }
            let results = try session.pipeline(statements)
            let time = try results[1].first { try $0.time("heartbeat_at") }
            return Heartbeat(
                isKnown: time != nil, databaseTime: time ?? 0,
                cancelledSteps: try results[2].column(), limits: try results[3].map { try LimitSetting(&$0) },
                resets: try results[4].map { row in
                    CircuitReset(
                        number: try row("reset_number"), provider: try row("provider"), model: try row("model"))
                },
                canaries: report.hearing == nil
                    ? []
                    : try results[5].map { row in
                        let silence: Double? = try row("silence")
                        return CanaryNews(
                            agentType: try row("agent_type"), number: try row("number"),
                            consumers: try row("consumers"),
                            silence: silence.map { .seconds($0) })
                    })
        }
    }

    private static func json(_ hearing: [String: QueueHearing]) -> String {
        var object = JSONObject()
        for (agentType, heard) in hearing.sorted(by: { $0.key < $1.key }) { object[agentType] = heard.json }
        return JSONValue.object(object).serialized()
    }

    /// Of two requests for the same step, the second is not claimable. Neither is a step whose row cannot be read: it
    /// becomes a dead letter that says so.
    ///
    /// - Throws: `PostgresError`. The leases may have been taken all the same: see ``giveBack(_:worker:claimedBefore:)``.
    package func claim(_ requests: [ClaimRequest], worker: Int, deadAfter: Duration) async throws(StoreFailure)
        -> [ClaimResult]
    {
        try await pool.session { session in
            // In order of id: two workers that claim overlapping tickets lock them in the same order.
            let ordered = requests.sorted { $0.stepID < $1.stepID }
            let results = try session.retryingConflicts { session in
                try session.pipeline([
                    ClaimStatements.claim(ordered, .int8(worker), .float8(deadAfter.inSeconds)),
                    (
                        ClaimStatements.holders,
                        [.int8Array(ordered.filter(\.isRedelivered).map(\.stepID))]
                    ),
                ])
            }
            let reader = try ClaimReader(results[0])
            if !reader.unreadable.isEmpty {
                _ = try session.pipeline([ClaimStatements.recordUnreadable(reader.unreadable)])
            }
            let steps = try reader.steps(try reader.load(in: session))
            let heartbeats: [Int: Int] = try results[1].dictionary { (try $0("step_id"), try $0.time("heartbeat_at")) }
            var given: Set<Int> = []
            return requests.map { request in
                if let step = steps[request.stepID] {
                    // The same ticket twice in one batch: one of them is enough.
                    return given.insert(request.stepID).inserted ? .claimed(step) : .notClaimable
                }
                if request.isRedelivered, let heartbeat = heartbeats[request.stepID] {
                    return .heldByQuietWorker(lastHeartbeat: heartbeat)
                }
                return .notClaimable
            }
        }
    }

    /// Makes them ready at once; counts neither as a failure nor as a crash.
    package func giveBack(_ stepIDs: [Int], worker: Int, claimedBefore: Int) async throws(StoreFailure) {
        guard !stepIDs.isEmpty else { return }
        try await pool.session { session in
            _ = try session.retryingConflicts { session in
                try session.execute(
                    ClaimStatements.giveBack,
                    [.int8Array(stepIDs.sorted()), .int8(worker), .timestamptz(claimedBefore)])
            }
        }
    }

    /// May be repeated after a lost answer: nothing is written twice, and what was applied before is then `stale`.
    package func settle(_ settlements: [Settlement], worker: Int) async throws(StoreFailure) -> [SettlementResult] {
        guard !settlements.isEmpty else { return [] }
        return try await pool.session { session in
            let writer = SettlementWriter(settlements)
            let rows = try session.retryingConflicts {
                try $0.execute(SettleStatements.settle, writer.parameters(worker: worker))
            }
            let applied = Set(try rows.column() as [Int])
            try Self.resolveLost(settlements.filter { $0.isComplete && !applied.contains($0.stepID) }, session)
            return settlements.map { applied.contains($0.stepID) ? .applied : .stale }
        }
    }

    /// Of attempts that were taken over and have booked their calls all the same. A statement of its own: while the
    /// first one waited for a step's row, a takeover may have written its row of the ledger, which only a later
    /// statement sees. If it does not get that far, the row goes on to say that something may be lost: too much, never
    /// too little.
    private static func resolveLost(_ settlements: [Settlement], _ session: PostgresSession) throws {
        guard !settlements.isEmpty else { return }
        _ = try session.pipeline([SettleStatements.resolveLost(settlements)])
    }

    /// Touches no step: claims and the sweep take them from a retired worker.
    package func retire(worker: Int) async throws(StoreFailure) {
        try await pool.session { session in
            _ = try session.execute(WorkerStatements.retire, [.int8(worker)])
        }
    }
}
