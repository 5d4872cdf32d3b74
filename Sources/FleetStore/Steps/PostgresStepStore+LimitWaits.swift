package import FleetCore
import JSON
import PostgresClient

/// What attempts wait for that have called nobody yet.
extension PostgresStepStore {
    /// Fenced by worker and attempt, and what was taken back stays so: a note may be carried out late, after the one that
    /// takes it back. The step's row is the one that a takeover locks: of the two the second sees what the first did.
    private static let noteWaits = TableStatement<LimitWaitNote>(
        "note_waits",
        [
            .int8("step_id", \.stepID), .int4("attempt", \.attempt),
            .jsonb("limit_wait") { ($0.wait?.json ?? .null).serialized() }, .float8("waited", \.waited.inSeconds),
        ]
    ) { v in
        """
        WITH v AS (SELECT * FROM \(v)),
        held AS (
            SELECT s.step_id, s.attempt FROM v JOIN steps s USING (step_id)
            WHERE s.attempt = v.attempt AND s.state || '' = 'running' AND s.worker_id + 0 = \(v.parameter())
            ORDER BY s.step_id FOR NO KEY UPDATE OF s)
        UPDATE steps s SET
            limit_wait = CASE WHEN s.limit_wait_attempt = s.attempt AND s.limit_wait = 'null' THEN s.limit_wait
                              ELSE v.limit_wait END,
            limit_wait_attempt = s.attempt, limit_wait_since = now() - make_interval(secs => v.waited)
        FROM held h JOIN v USING (step_id, attempt) WHERE s.step_id = h.step_id
        RETURNING s.step_id, s.attempt
        """
    }

    private struct Attempt: Hashable {
        var stepID: Int
        var number: Int
    }

    /// Of several notes of one attempt the last one counts.
    package func note(_ waits: [LimitWaitNote], worker: Int) async throws(StoreFailure) -> [Bool] {
        let attempts = waits.map { Attempt(stepID: $0.stepID, number: $0.attempt) }
        let last = Dictionary(zip(attempts, waits)) { $1 }
        guard !last.isEmpty else { return [] }
        let ordered = last.values.sorted { $0.stepID < $1.stepID }
        return try await pool.session { session in
            let results = try session.retryingConflicts {
                try $0.pipeline([Self.noteWaits(ordered, .int8(worker))])
            }
            let held = Set(
                try results[0].map { Attempt(stepID: try $0("step_id"), number: try $0("attempt")) })
            return attempts.map(held.contains)
        }
    }
}
