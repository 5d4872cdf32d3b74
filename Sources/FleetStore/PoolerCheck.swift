package import PostgresClient

/// Whether what stands between the processes and PostgreSQL is what the settings say, and can do what is needed.
package enum PoolerCheck {
    /// Asks before anything is prepared through the pooler.
    ///
    /// - Parameter pool: opened to its full size if the pooler keeps a server connection for each of ours. One that a pooler
    ///   with too few leaves waiting would keep a heartbeat or a paid answer waiting later.
    /// - Returns: what should be set and works without, a sentence each.
    /// - Throws: ``StoreError`` `unsuitable_pooler`, with what to set.
    package static func check(
        _ configuration: PostgresConfiguration, opening pool: PostgresPool? = nil
    ) async throws -> [String] {
        let fault: String?
        switch try await PostgresPooling.detect(configuration) {
        case .none: return []
        case .session:
            if let pool { try await open(pool, configuration.maximumConnections) }
            return []
        case .statement: fault = await statementFault(PostgresPooling.version(configuration))
        case .transaction(let carriesStatements):
            fault = await Self.fault(
                configuration.pooler, carriesStatements: carriesStatements,
                version: PostgresPooling.version(configuration))
        }
        if let fault { throw StoreError(.unsuitablePooler, fault) }
        return try await missingSettings(configuration)
    }

    private static func open(_ pool: PostgresPool, _ count: Int) async throws {
        do {
            try await pool.openAll()
        } catch let error as PostgresError where error.isRetriable {
            throw StoreError(
                .unsuitablePooler,
                "the pooler keeps a server connection for each of ours (pool_mode = session) and has not all \(count) that "
                    + "this process may open: raise its default_pool_size to what all processes together may open, or "
                    + "lower MIXMYAI_DATABASE_CONNECTIONS (\(error.code.rawValue))")
        }
    }

    /// Checks that a session is one: where the server itself is wanted.
    ///
    /// - Parameter setting: where the address comes from.
    /// - Throws: ``StoreError`` `unsuitable_pooler`.
    package static func checkDirect(_ configuration: PostgresConfiguration, setting: String) async throws {
        switch try await PostgresPooling.detect(configuration) {
        case .none, .session: return
        case .transaction, .statement:
            throw StoreError(
                .unsuitablePooler,
                "\(setting) leads to a pooler that lends server connections for a transaction or less: name the server "
                    + "itself there")
        }
    }

    private static func named(_ version: String?) -> String { version.map { "\($0) " } ?? "a pooler (PgBouncer) " }

    private static func statementFault(_ version: String?) -> String {
        "\(named(version))lends server connections for a statement (pool_mode = statement), and there are no transactions "
            + "then: set pool_mode = session there and MIXMYAI_DATABASE_POOLER=session here, or pool_mode = transaction, "
            + "max_prepared_statements = 500 (PgBouncer 1.21 or newer) and MIXMYAI_DATABASE_POOLER=transaction"
    }

    /// The pooler lends server connections for a transaction; what is wrong with that, nil if nothing is.
    static func fault(
        _ declared: PostgresConfiguration.Pooler, carriesStatements: Bool, version: String?
    ) -> String? {
        let named = named(version)
        let isTooOld = version.map { isOlder($0, than: [1, 21]) } ?? false
        guard carriesStatements && !isTooOld else {
            return
                "\(named)lends server connections for a transaction (pool_mode = transaction) and does not carry prepared "
                + "statements along: set pool_mode = session there and MIXMYAI_DATABASE_POOLER=session here, or use "
                + "PgBouncer 1.21 or newer with max_prepared_statements = 500 and MIXMYAI_DATABASE_POOLER=transaction"
        }
        guard declared != .transaction else { return nil }
        return
            "\(named)lends server connections for a transaction, but MIXMYAI_DATABASE_POOLER is \(declared.rawValue): set "
            + "it to transaction, and MIXMYAI_DIRECT_DATABASE_URL to the server itself for `mixmyai migrate`"
    }

    /// Compares the numbers in `PgBouncer 1.18.0`; a text without numbers is not known to be older.
    static func isOlder(_ version: String, than wanted: [Int]) -> Bool {
        let numbers = version.split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
        return numbers.count == 2 && numbers.lexicographicallyPrecedes(wanted)
    }

    /// Nothing is SET at connect, so that the role has to have the settings.
    private static func missingSettings(_ configuration: PostgresConfiguration) async throws -> [String] {
        var single = configuration
        single.maximumConnections = 1
        let pool = PostgresPool(configuration: single)
        let outcome: Result<String, any Error>
        do {
            outcome = .success(
                try await pool.withSession { session in
                    try session.simpleText(
                        """
                        SELECT concat_ws(',', current_user, current_setting('statement_timeout') = '0',
                                         current_setting('idle_in_transaction_session_timeout') = '0')
                        """)
                })
        } catch {
            outcome = .failure(error)
        }
        await pool.shutdown()
        let parts = try outcome.get().split(separator: ",")
        guard parts.suffix(2).contains("t") else { return [] }
        let user = parts.dropLast(2).joined(separator: ",")
        return [
            "through a pooler in transaction mode the role's settings hold, and it has no time limits: `ALTER ROLE "
                + "\"\(user)\" SET statement_timeout = '30s'`, the same for idle_in_transaction_session_timeout, then "
                + "`RECONNECT` in the pooler's console: its connections keep what they began with"
        ]
    }
}
