import FleetCore
import JSON
import PostgresClient

/// Entries of the audit log, written in the transaction of what they tell.
enum AuditSQL {
    private static let insert = PostgresStatement(
        "audit",
        """
        INSERT INTO audit_log (actor, action, object, before, after, reason) VALUES ($1, $2, $3, $4::jsonb, $5::jsonb, $6)
        """)

    /// - Parameters:
    ///   - verb: what was done, `queue.pause` for example.
    ///   - object: to what, `queue/TYPE` for example.
    static func write(
        _ action: OperatorAction, _ verb: String, _ object: String, before: JSONValue? = nil, after: JSONValue? = nil,
        in session: PostgresSession
    ) throws(PostgresError) {
        _ = try session.execute(
            insert,
            [
                .text(action.actor.cut(to: 100)), .text(verb), .text(object.cut(to: 250)),
                before.map { .jsonb($0.serialized()) } ?? .null, after.map { .jsonb($0.serialized()) } ?? .null,
                .text(action.reason),
            ])
    }
}
