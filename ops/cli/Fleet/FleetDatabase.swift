import PostgresClient

/// The fleet's database, for the length of a command.
enum FleetDatabase {
    /// - Throws: what the body throws; `usage` if the URL is none.
    static func withPool<Value: Sendable>(
        _ url: String, _ body: (PostgresPool) async throws -> Value
    ) async throws -> Value {
        var configuration: PostgresConfiguration
        do {
            configuration = try PostgresConfiguration(url: url)
        } catch {
            throw CommandError(.usage, "DATABASE_URL: \(error)")
        }
        configuration.maximumConnections = 1
        configuration.acquireTimeout = .seconds(5)
        configuration.applicationName = "mixmyai-cli"
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
