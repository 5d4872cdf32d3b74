package import FleetCore
import JSON
package import PostgresClient
import Synchronization

/// Operations on the rows: each look at one of them is one transaction, which whoever comes next goes on from.
package final class PostgresOperationBook: OperationBook {
    private let pool: PostgresPool
    /// Where the next look for letters that can be closed begins.
    private let cursor = Mutex(0)

    package init(pool: PostgresPool) { self.pool = pool }

    package func operations(includingEnded: Bool) async throws -> [OperationRecord] {
        try await pool.withSession {
            try $0.execute(OperationStatements.all, [.bool(includingEnded)]).map { try OperationRecord(&$0) }
        }
    }

    package func operation(_ id: String) async throws -> OperationRecord? {
        try await pool.withSession {
            try $0.execute(OperationStatements.one, [.text(id)]).first { try OperationRecord(&$0) }
        }
    }

    package func change(
        _ id: String, to state: OperationRecord.State, _ action: OperatorAction
    ) async throws -> OperationRecord {
        try await pool.transaction { session in
            let found = try session.execute(OperationStatements.lock, [.text(id)]).first { row in
                try row.known("state") as OperationRecord.State
            }
            guard let present = found else {
                throw OperatorError(.notFound, "there is no operation '\(id)'; mixmyai operation list shows them")
            }
            guard Self.allowed(from: present, to: state) else {
                throw OperatorError(
                    .conflict, "operation \(id) is \(present.rawValue): it cannot become \(state.rawValue)")
            }
            _ = try session.execute(OperationStatements.change, [.text(id), .text(state.rawValue)])
            if state == .cancelled { _ = try session.execute(OperationStatements.free, [.text(id)]) }
            try AuditSQL.write(
                action, "operation.change", "operation/\(id)", before: ["state": .string(present.rawValue)],
                after: ["state": .string(state.rawValue)], in: session)
            return try session.execute(OperationStatements.one, [.text(id)]).one { try OperationRecord(&$0) }
        }
    }

    private static func allowed(from present: OperationRecord.State, to next: OperationRecord.State) -> Bool {
        switch (present, next) {
        case (.running, .paused), (.paused, .running), (.running, .cancelled), (.paused, .cancelled): true
        default: false
        }
    }

    package func continueOperations() async throws -> OperationProgress {
        // One of a newer program's kind is left to it.
        let running: [(id: String, kind: OperationRecord.Kind?)] = try await pool.withSession { session in
            try session.execute(OperationStatements.running).map { row in
                (id: try row("operation_id"), kind: try row.ifKnown("kind"))
            }
        }
        var progress = OperationProgress()
        progress.isAnyOpen = !running.isEmpty
        for (id, kind) in running {
            progress.begun += try await pool.transaction { session in
                switch kind {
                case .replayDeadLetters: try ReplayRound(id: id, session: session)?.run() ?? 0
                case .retryBatch: try BatchRetryRound(id: id, session: session)?.run() ?? 0
                case nil: 0
                }
            }
        }
        let start = cursor.withLock { $0 }
        let next = try await pool.withSession { session in
            try session.execute(OperationStatements.close, [.int8(start)]).one { row in
                let (last, looked): (Int?, Int) = (try row("last"), try row("looked"))
                return looked < 500 ? 0 : last ?? 0
            }
        }
        cursor.withLock { $0 = next }
        return progress
    }
}
