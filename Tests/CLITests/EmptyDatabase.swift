import FleetCore
import FoundationEssentials
import PostgresClient
import Testing

/// A new database without a schema, for one test.
enum EmptyDatabase {
    /// Makes a database on the server of TEST_DATABASE_URL, runs `body` with its URL and a pool, drops it.
    static func run(_ body: (String, PostgresPool) async throws -> Void) async throws {
        let server = try #require(
            ProcessInfo.processInfo.environment["TEST_DATABASE_URL"],
            "set TEST_DATABASE_URL to a PostgreSQL server, for example postgres://postgres@127.0.0.1:5432/postgres")
        let name = "cli_" + RandomID.make("")
        let slash = try #require(server.lastIndex(of: "/"))
        let parameters = server.firstIndex(of: "?").map { String(server[$0...]) } ?? ""
        let url = String(server[...slash]) + name + parameters

        let admin = PostgresPool(configuration: try PostgresConfiguration(url: server))
        try await admin.withSession { try $0.executeSimple("CREATE DATABASE \(name)") }
        let pool = PostgresPool(configuration: try PostgresConfiguration(url: url))
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await body(url, pool))
        } catch {
            outcome = .failure(error)
        }
        await pool.shutdown()
        try? await admin.withSession { try $0.executeSimple("DROP DATABASE \(name) WITH (FORCE)") }
        await admin.shutdown()
        try outcome.get()
    }
}
