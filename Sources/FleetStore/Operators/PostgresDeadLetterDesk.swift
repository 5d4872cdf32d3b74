package import FleetCore
import JSON
package import PostgresClient

/// Dead letters on the rows.
package struct PostgresDeadLetterDesk: DeadLetterDesk {
    private let pool: PostgresPool

    package init(pool: PostgresPool) { self.pool = pool }

    package func groups() async throws -> [DeadLetterGroup] {
        try await pool.withSession {
            try $0.execute(DeadLetterStatements.groups).map { try DeadLetterGroup(&$0) }
        }
    }

    package func letters(_ filter: DeadLetterFilter, limit: Int) async throws -> [DeadLetter] {
        try await pool.withSession {
            try $0.execute(DeadLetterStatements.letters, filter.values + [.int8(limit)]).map { try DeadLetter(&$0) }
        }
    }

    package func letter(_ id: Int) async throws -> DeadLetter? {
        try await pool.transaction { session in
            var letter = try session.execute(DeadLetterStatements.letter, [.int8(id)]).first { try DeadLetter(&$0) }
            guard let stepID = letter?.stepID else { return letter }
            letter?.failures = try session.execute(DeadLetterStatements.failures, [.int8(stepID)]).map {
                try DeadLetter.Failure(&$0)
            }
            letter?.calls = try session.execute(DeadLetterStatements.calls, [.int8(stepID)]).map {
                try DeadLetter.Call(&$0)
            }
            return letter
        }
    }

    package func preview(_ filter: DeadLetterFilter, _ options: ReplayOptions) async throws -> ReplayPreview {
        try await pool.transaction { session in
            try OperationStart.check(options, session)
            let cost = try session.execute(DeadLetterStatements.costPerTask).one { row in
                (p50: try row.money("p50"), p90: try row.money("p90"))
            }
            var perTask: (p50: Decimal6, p90: Decimal6)?
            if let p50 = cost.p50, let p90 = cost.p90 { perTask = (p50, p90) }
            return try session.execute(DeadLetterStatements.preview, filter.values).one { row in
                ReplayPreview(
                    letters: try row("letters"), taken: try row("taken"), unblocked: try row("unblocked"),
                    atWork: try row("at_work"), pointless: try row("pointless"), costPerTask: perTask)
            }
        }
    }

    package func replay(
        _ filter: DeadLetterFilter, _ options: ReplayOptions, _ action: OperatorAction
    ) async throws -> OperationRecord {
        try await pool.transaction { try Self.begin(filter, options, action, $0) }
    }

    package func edit(
        _ id: Int, description: String, _ options: ReplayOptions, _ action: OperatorAction
    ) async throws -> OperationRecord {
        let text = description.storable
        guard !text.isEmpty else { throw OperatorError(.invalid, "the description must not be empty") }
        return try await pool.transaction { session in
            guard try session.execute(DeadLetterStatements.edit, [.int8(id), .text(text)]).only() else {
                if let closed = try Self.closed(.ids([id]), session) { throw closed }
                throw OperatorError(.notFound, "there is no open dead letter \(id) whose task is there")
            }
            // What was written is people's text: the log says that it was changed, the letter keeps what was there.
            try AuditSQL.write(
                action, "dead_letter.edit", "dead_letter/\(id)", after: ["characters": .integer(text.count)],
                in: session)
            return try Self.begin(.ids([id]), options, action, session)
        }
    }

    package func discard(_ filter: DeadLetterFilter, _ action: OperatorAction) async throws -> Int {
        try await pool.transaction { session in
            let closed = try session.execute(DeadLetterStatements.discard, filter.values + [.text(action.reason)])
                .affectedRows
            guard closed > 0 else { throw try Self.nothing(filter, session) }
            try AuditSQL.write(
                action, "dead_letters.discard", filter.object, after: ["discarded": .integer(closed)], in: session)
            return closed
        }
    }

    private static func begin(
        _ filter: DeadLetterFilter, _ options: ReplayOptions, _ action: OperatorAction, _ session: PostgresSession
    ) throws -> OperationRecord {
        try OperationStart.check(options, session)
        let id = RandomID.make("op_")
        return try OperationStart.begin(
            id, .replayDeadLetters, object: filter.object, verb: "dead_letters.replay", options, action, session
        ) {
            let taken = try session.execute(DeadLetterStatements.take, filter.values + [.text(id)]).affectedRows
            guard taken > 0 else { throw try nothing(filter, session) }
            return taken
        }
    }

    /// Letters that were named by number, and are all closed.
    private static func closed(_ filter: DeadLetterFilter, _ session: PostgresSession) throws -> OperatorError? {
        guard case .ids(let ids) = filter else { return nil }
        let letters = try session.execute(DeadLetterStatements.endings, [.int8Array(ids)]).map { row in
            (id: try row("dead_letter_id") as Int, ending: try row("resolution") as String?)
        }
        let endings = letters.compactMap { letter in letter.ending.map { "\(letter.id) (\($0))" } }
        guard !letters.isEmpty, endings.count == letters.count else { return nil }
        return OperatorError(.conflict, "closed already: \(endings.prefix(20).joined(separator: ", "))")
    }

    private static func nothing(_ filter: DeadLetterFilter, _ session: PostgresSession) throws -> OperatorError {
        if let closed = try closed(filter, session) { return closed }
        return OperatorError(
            .notFound,
            "no open dead letter matches \(filter.object) that is not being replayed; mixmyai dlq list shows all")
    }
}

extension DeadLetterFilter {
    /// Parameters 1 and 2 of the statements that take a filter.
    var values: [PostgresValue] {
        switch self {
        case .ids(let ids): [.int8Array(ids), .null]
        case .fingerprint(let fingerprint): [.null, .text(fingerprint)]
        case .all: [.null, .null]
        }
    }

    /// What the audit log and messages call it.
    var object: String {
        switch self {
        case .ids(let ids) where ids.count == 1: "dead_letter/\(ids[0])"
        case .ids(let ids):
            "dead_letters/\(ids.prefix(20).map(String.init).joined(separator: ","))\(ids.count > 20 ? ",..." : "")"
        case .fingerprint(let fingerprint): "dead_letters/\(fingerprint)"
        case .all: "dead_letters/all"
        }
    }
}
