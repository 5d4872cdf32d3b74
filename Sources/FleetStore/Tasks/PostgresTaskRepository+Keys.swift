package import FleetCore
import PostgresClient

extension PostgresTaskRepository: APIKeyStore {
    /// Compares SHA-256 hashes; nil if the key is unknown or revoked.
    package func key(forSecret secret: String) async throws(StoreFailure) -> APIKey? {
        try await pool.session { session in
            try session.execute(KeyStatements.find, [.bytes(Array(secret.utf8))]).first { row in
                APIKey(name: try row("name"), role: try row.known("role"), userID: try row("user_id"))
            }
        }
    }

    /// Stores a key's hash; the secret itself is not kept. A key that is there already keeps its row.
    package func register(_ key: APIKey, secret: String) async throws(StoreFailure) {
        try await pool.session { session in
            _ = try session.execute(
                KeyStatements.insert,
                [
                    .bytes(Array(secret.utf8)), .text(key.name), .text(key.role.rawValue),
                    Self.optional(key.userID),
                ])
        }
    }

    enum KeyStatements {
        static let find = PostgresStatement(
            "keys_find",
            "SELECT name, role, user_id FROM api_keys WHERE key_hash = sha256($1::bytea) AND revoked_at IS NULL")

        static let insert = PostgresStatement(
            "keys_insert",
            """
            INSERT INTO api_keys (key_hash, name, role, user_id) VALUES (sha256($1::bytea), $2, $3, $4::text)
            ON CONFLICT DO NOTHING
            """)
    }
}
