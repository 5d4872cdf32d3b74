import FleetCore
import PostgresClient

extension Hold {
    /// A row of `holds`.
    init(_ row: inout PostgresRow) throws {
        let (kind, subject): (String, String) = (try row("scope"), try row("subject"))
        guard let scope = Scope(kind: kind, subject: subject) else {
            throw StoreError(.unreadableRow, "holds has the unknown scope '\(kind)'")
        }
        self.init(
            scope: scope, reason: try row("reason"), actor: try row("actor"), since: try row.time("created_at"))
    }
}
