package import FleetCore
package import JSON
import PostgresClient

/// The audit log.
extension OperatorStore {
    /// Newest first.
    package func audit(_ filter: AuditFilter, limit: Int) async throws -> [AuditEntry] {
        try await pool.withSession { session in
            try session.execute(
                Self.auditEntries,
                [
                    filter.actor.map { .text($0) } ?? .null, filter.action.map { .text($0) } ?? .null,
                    filter.object.map { .text($0) } ?? .null, filter.before.map { .int8($0) } ?? .null, .int8(limit),
                ]
            ).map { row in
                AuditEntry(
                    id: try row("audit_id"), at: try row.time("at"), actor: try row("actor"), action: try row("action"),
                    object: try row("object"), before: try row.json("before"), after: try row.json("after"),
                    reason: try row("reason"))
            }
        }
    }

    /// Notes what was done where no row tells of it: to a process, for example.
    package func note(
        _ action: OperatorAction, _ verb: String, _ object: String, after: JSONValue? = nil
    ) async throws {
        try await pool.transaction { try AuditSQL.write(action, verb, object, after: after, in: $0) }
    }

    private static let auditEntries = PostgresStatement(
        "audit_entries",
        """
        SELECT audit_id, at, actor, action, object, before::text AS before, after::text AS after, reason FROM audit_log
        WHERE ($1::text IS NULL OR actor = $1) AND ($2::text IS NULL OR action = $2 OR starts_with(action, $2 || '.'))
            AND ($3::text IS NULL OR object = $3 OR starts_with(object, $3 || '/')) AND ($4::int8 IS NULL OR audit_id < $4)
        ORDER BY audit_id DESC LIMIT $5
        """)
}
