import Catalogues
import FleetCore
import FleetStore
import PostgresClient

/// Reads what the view shows, by the readers that the other commands have.
struct TopReader: Sendable {
    /// Most letters of a group that are listed.
    private static let letterLimit = 200

    private let pool: PostgresPool
    private let models: [ModelSpec]

    /// - Parameter models: of the catalogue; none: it is not known here.
    init(_ pool: PostgresPool, models: [ModelSpec]) {
        self.pool = pool
        self.models = models
    }

    func snapshot() async throws -> TopSnapshot {
        let (rows, health) = try await pool.withSession { session in
            (try FleetRowsReader.read(session), try HealthReader.read(session))
        }
        let queues = try await PostgresQueueReader(pool: pool).queues()
        let letters = try await PostgresDeadLetterDesk(pool: pool).groups()
        let holds = try await PostgresQueueControl(pool: pool).holds()
        return TopSnapshot(
            rows: rows, queues: queues, letters: letters,
            holds: holds.filter { if case .agentType = $0.scope { false } else { true } }, health: health,
            models: TopModelUse.all(rows, models: models))
    }

    func letters(_ fingerprint: String) async throws -> [TopModel.Letter] {
        try await PostgresDeadLetterDesk(pool: pool).letters(.fingerprint(fingerprint), limit: Self.letterLimit).map {
            TopModel.Letter(
                id: $0.id, line: "\($0.id)  \($0.taskID ?? "-")  \($0.agentType)  \($0.error ?? $0.reason)")
        }
    }

    func letter(_ id: Int) async throws -> DeadLetter? {
        try await PostgresDeadLetterDesk(pool: pool).letter(id)
    }

    /// - Returns: what was done, in words.
    func pause(_ agentType: String, reason: String) async throws -> String {
        let action = OperatorAction(actor: Operator.name, reason: reason)
        let (hold, isNew) = try await PostgresQueueControl(pool: pool).pause(.agentType(agentType), action)
        return (isNew ? "paused: " : "it was paused already: ") + HoldView.line(hold)
    }

    /// - Returns: what was done, in words.
    func resume(_ agentType: String, reason: String) async throws -> String {
        let action = OperatorAction(actor: Operator.name, reason: reason)
        let wasPaused = try await PostgresQueueControl(pool: pool).resume(.agentType(agentType), action)
        return "\(agentType) \(wasPaused ? "goes on" : "was not paused")"
    }
}
