import FleetStore
import PostgresClient

/// The fleet's database, for the length of a command.
enum FleetDatabase {
    /// The database of DATABASE_URL, with the pooler that MIXMYAI_DATABASE_POOLER names.
    static func withPool<Value: Sendable>(
        _ fleet: FleetEnvironment, _ body: (PostgresPool) async throws -> Value
    ) async throws -> Value {
        try await withPool(try configuration(fleet, "DATABASE_URL"), body)
    }

    /// For those who would rather know that there is no answer than wait for it.
    ///
    /// - Parameter patience: of the connection, and of each statement.
    static func withPool<Value: Sendable>(
        _ fleet: FleetEnvironment, patience: Duration, connections: Int = 1,
        _ body: (PostgresPool) async throws -> Value
    ) async throws -> Value {
        var configuration = try configuration(fleet, "DATABASE_URL")
        configuration.maximumConnections = connections
        configuration.connectTimeout = patience
        configuration.acquireTimeout = patience
        configuration.statementTimeout = patience
        return try await withPool(configuration, body)
    }

    /// The server itself, past a pooler: locks and settings of a session hold there.
    ///
    /// - Throws: `usage` if only a pooler in transaction mode is known; ``StoreError`` if that is what the setting leads to.
    static func withDirectPool<Value: Sendable>(
        _ fleet: FleetEnvironment, _ body: (PostgresPool) async throws -> Value
    ) async throws -> Value {
        if fleet["MIXMYAI_DIRECT_DATABASE_URL"] != nil {
            var configuration = try configuration(fleet, "MIXMYAI_DIRECT_DATABASE_URL")
            configuration.pooler = .none
            try await PoolerCheck.checkDirect(configuration, setting: "MIXMYAI_DIRECT_DATABASE_URL")
            return try await withPool(configuration, body)
        }
        let configuration = try configuration(fleet, "DATABASE_URL")
        guard configuration.pooler != .transaction else {
            throw CommandError(
                .usage,
                "MIXMYAI_DATABASE_POOLER is transaction: set MIXMYAI_DIRECT_DATABASE_URL to the server itself, past the "
                    + "pooler")
        }
        _ = try await PoolerCheck.check(configuration)
        return try await withPool(configuration, body)
    }

    /// - Throws: what the body throws; `usage` if the URL is none.
    static func withPool<Value: Sendable>(
        _ url: String, _ body: (PostgresPool) async throws -> Value
    ) async throws -> Value {
        try await withPool(try configuration(url, "DATABASE_URL"), body)
    }

    /// A setting's database, as a command uses it.
    static func configuration(
        _ fleet: FleetEnvironment, _ setting: String
    ) throws(CommandError) -> PostgresConfiguration {
        var configuration = try configuration(try fleet.required(setting), setting)
        if let text = fleet["MIXMYAI_DATABASE_POOLER"] {
            guard let pooler = PostgresConfiguration.Pooler(rawValue: text) else {
                let allowed = PostgresConfiguration.Pooler.allCases.map(\.rawValue).joined(separator: ", ")
                throw CommandError(.usage, "MIXMYAI_DATABASE_POOLER is '\(text.prefix(40))': allowed are \(allowed)")
            }
            configuration.pooler = pooler
        }
        return configuration
    }

    private static func configuration(_ url: String, _ setting: String) throws(CommandError) -> PostgresConfiguration {
        do {
            var configuration = try PostgresConfiguration(url: url)
            configuration.maximumConnections = 1
            configuration.acquireTimeout = .seconds(5)
            configuration.applicationName = "mixmyai-cli"
            return configuration
        } catch {
            throw CommandError(.usage, "\(setting): \(error.message)")
        }
    }

    private static func withPool<Value: Sendable>(
        _ configuration: PostgresConfiguration, _ body: (PostgresPool) async throws -> Value
    ) async throws -> Value {
        let pool = PostgresPool(configuration: configuration)
        do {
            let value = try await body(pool)
            await pool.shutdown()
            return value
        } catch {
            await pool.shutdown()
            throw error
        }
    }
}
