package import FleetCore
import JSON
package import PostgresClient

/// Batches on the rows.
package struct PostgresBatchDesk: BatchDesk {
    /// Tasks that one transaction cancels.
    private static let portion: Int32 = 200

    private let pool: PostgresPool

    package init(pool: PostgresPool) { self.pool = pool }

    package func find(_ name: String, user: String?) async throws -> BatchReference {
        let found = try await pool.withSession { session in
            try session.execute(BatchStatements.find, [.text(name.storable), user.map { .text($0.storable) } ?? .null])
                .map { BatchReference(id: try $0("batch_id"), name: try $0("name"), userID: try $0("user_id")) }
        }
        guard let first = found.first else {
            throw OperatorError(
                .notFound,
                "there is no batch '\(name.cut(to: 200))'" + (user.map { " of \($0.cut(to: 50))" } ?? "")
                    + "; mixmyai batch list shows them")
        }
        guard found.count == 1 || first.id == name else {
            let candidates = found.map { "\($0.userID) (\($0.id))" }.joined(separator: ", ")
            throw OperatorError(
                .conflict,
                "several users have a batch '\(name.cut(to: 200))': say whose with --user, or its id: \(candidates)")
        }
        return first
    }

    package func list(user: String?, limit: Int) async throws -> [BatchOverview] {
        try await pool.transaction { session in
            try Self.overviews([.null, user.map { .text($0.storable) } ?? .null, .int8(limit)], session)
        }
    }

    package func overview(_ id: String) async throws -> BatchOverview? {
        let overview = try await pool.transaction { session in
            guard var overview = try Self.overviews([.text(id), .null, .int8(1)], session).first else {
                return BatchOverview?.none
            }
            overview.cost = try session.execute(BatchStatements.cost, [.text(id)]).one { try CostSums(&$0) }
            overview.failures = try session.execute(BatchStatements.failures, [.text(id)]).map { row in
                let (fingerprint, count, letter): (String?, Int, Int?) = (
                    try row("fingerprint"), try row("tasks"), try row("letter")
                )
                return BatchOverview.FailureGroup(
                    fingerprint: fingerprint, count: count, example: try row("example"), deadLetterID: letter)
            }
            return overview
        }
        guard var overview else { return nil }
        if overview.counts.open > 0 {
            overview.binding = try await PostgresWaitReader(pool: pool).batch(id)?.binding
        }
        return overview
    }

    private static func overviews(_ values: [PostgresValue], _ session: PostgresSession) throws -> [BatchOverview] {
        var overviews = try session.execute(BatchStatements.overviews, values).map { try BatchOverview(&$0) }
        var holds: [String: [Hold]] = [:]
        try session.execute(BatchStatements.holds, [.textArray(overviews.map(\.id))]).forEach { row in
            holds[try row("batch_id"), default: []].append(try Hold(&row))
        }
        for index in overviews.indices { overviews[index].holds = holds[overviews[index].id] ?? [] }
        return overviews
    }

    // MARK: Pausing

    package func pause(_ id: String, _ action: OperatorAction) async throws -> (hold: Hold, isNew: Bool) {
        try await PostgresQueueControl(pool: pool).pause(.batch(id), action)
    }

    package func resume(_ id: String, withoutPilot: Bool, _ action: OperatorAction) async throws -> Bool {
        let control = PostgresQueueControl(pool: pool)
        let wasPaused = try await control.resume(.batch(id), action)
        guard withoutPilot else { return wasPaused }
        return try await control.resume(.pilot(id), action) || wasPaused
    }

    package func setBreaker(_ id: String, _ breaker: BatchBreaker?, _ action: OperatorAction) async throws {
        try await pool.transaction { session in
            let rows = try session.execute(
                BatchStatements.setBreaker,
                [
                    .text(id), breaker.map { .float8($0.share) } ?? .null,
                    breaker.map { .int4(Int32(clamping: $0.minimum)) } ?? .null,
                ])
            guard rows.affectedRows == 1 else {
                throw OperatorError(.notFound, "there is no batch with the id '\(id)'")
            }
            try AuditSQL.write(
                action, "batch.breaker", "batch/\(id)", after: ["breaker": .string(breaker?.description ?? "off")],
                in: session)
        }
    }

    // MARK: Cancelling

    package func countCancel(_ id: String) async throws -> BatchCount {
        try await count(BatchStatements.countCancel, id)
    }

    package func cancel(_ id: String, _ count: BatchCount, _ action: OperatorAction) async throws -> Int {
        try await pool.transaction { session in
            _ = try session.execute(BatchStatements.markCancelled, [.text(id)])
            _ = try session.execute(BatchStatements.endPilot, [.text(id), .text(BatchPilot.State.stopped.rawValue)])
            _ = try session.execute(BatchStatements.liftPilot, [.text(id)])
            try AuditSQL.write(
                action, "batch.cancel", "batch/\(id)", after: ["matched": .integer(count.tasks)], in: session)
        }
        var (cancelled, last) = (0, "")
        while true {
            let after = last
            let (done, end) = try await pool.transaction { session in
                let ids: [String] = try session.execute(
                    BatchStatements.cancelNext, [.text(id), .int8(count.asOf), .text(after), .int4(Self.portion)]
                ).column()
                return (try PostgresTaskRepository.cancelAll(ids, action, session), ids.last)
            }
            cancelled += done
            guard let end else { return cancelled }
            last = end
        }
    }

    // MARK: Retrying

    package func countRetry(_ id: String) async throws -> BatchCount {
        try await count(BatchStatements.countRetry, id)
    }

    package func retry(
        _ id: String, _ options: ReplayOptions, _ action: OperatorAction
    ) async throws -> OperationRecord {
        try await pool.transaction { session in
            try OperationStart.check(options, session)
            let operation = RandomID.make("op_")
            return try OperationStart.begin(
                operation, .retryBatch, object: "batch/\(id)", verb: "batch.retry", options, action, session
            ) {
                let taken = try session.execute(BatchStatements.takeForRetry, [.text(id), .text(operation)])
                    .affectedRows
                guard taken > 0 else {
                    throw OperatorError(
                        .notFound, "no task of the batch has failed or is partial that is not being tried again already"
                    )
                }
                return taken
            }
        }
    }

    private func count(_ statement: PostgresStatement, _ id: String) async throws -> BatchCount {
        try await pool.withSession { session in
            try session.execute(statement, [.text(id)]).one {
                BatchCount(tasks: try $0("tasks"), ofThem: try $0("of_them"), asOf: try $0.time("as_of"))
            }
        }
    }
}
