import PostgresClient

/// What the fleet needs of a database besides its schema; each fault is one sentence with the command that mends it.
enum DatabaseRequirements {
    /// The oldest server that the statements run on.
    static let minimumVersion = 13

    private static let settings = PostgresStatement(
        "database_settings",
        """
        SELECT current_setting('server_encoding') AS encoding, current_setting('server_version_num')::int8 AS number,
               current_setting('server_version') AS version, current_database()::text AS name,
               current_setting('standard_conforming_strings') = 'on' AS conforms, pg_is_in_recovery() AS is_standby,
               current_setting('transaction_read_only') = 'on' AS is_read_only
        """)

    /// - Parameter writes: whether the schema is about to be changed.
    /// - Throws: ``StoreError`` `unsuitable_database`.
    static func check(_ session: PostgresSession, writes: Bool) throws {
        let (fault, isStandby, isReadOnly): (String?, Bool, Bool) = try session.execute(settings).one { row in
            (
                Self.fault(
                    encoding: try row("encoding"), versionNumber: try row("number"), version: try row("version"),
                    name: try row("name"), conformsToStandard: try row("conforms")), try row("is_standby"),
                try row("is_read_only")
            )
        }
        if let fault { throw StoreError(.unsuitableDatabase, fault) }
        guard writes else { return }
        if isStandby {
            throw StoreError(
                .unsuitableDatabase,
                "the server is a standby, which takes no changes: name the primary in DATABASE_URL, or all hosts, "
                    + "separated by commas")
        }
        if isReadOnly {
            throw StoreError(
                .unsuitableDatabase,
                "the database is read-only: look at default_transaction_read_only of server, database and role")
        }
    }

    static func fault(
        encoding: String, versionNumber: Int, version: String, name: String, conformsToStandard: Bool
    ) -> String? {
        if versionNumber < minimumVersion * 10_000 {
            return "PostgreSQL \(version) is too old: use PostgreSQL \(minimumVersion) or newer"
        }
        if encoding != "UTF8" {
            return
                "the database \"\(name)\" is encoded in \(encoding), which cannot hold every answer: make one in UTF-8, "
                + "for example with `createdb --template=template0 --encoding=UTF8 --locale=C \(name)_utf8`, and name it "
                + "in DATABASE_URL"
        }
        if !conformsToStandard {
            return "standard_conforming_strings is off, which changes what statements mean: `ALTER DATABASE "
                + "\"\(name)\" SET standard_conforming_strings = on`"
        }
        return nil
    }
}
