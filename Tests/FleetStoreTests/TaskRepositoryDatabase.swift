import FleetCore
import FleetStore
import Foundation
import PostgresClient
import Testing

/// A database of its own, with the schema, for one test.
enum TaskRepositoryDatabase {
    /// Makes a database on the server of TEST_DATABASE_URL, runs `body`, drops the database.
    static func run<Value: Sendable>(
        connections: Int = 8, _ body: (PostgresPool, PostgresTaskRepository) async throws -> Value
    ) async throws -> Value {
        let server = try #require(
            ProcessInfo.processInfo.environment["TEST_DATABASE_URL"],
            "set TEST_DATABASE_URL to a PostgreSQL server, for example postgres://postgres@127.0.0.1:5432/postgres")
        let name = "tasks_" + RandomID.make("").lowercased()
        var components = try #require(URLComponents(string: server))
        components.path = "/" + name
        let url = try #require(components.string)

        let admin = PostgresPool(configuration: try PostgresConfiguration(url: server))
        try await admin.run("CREATE DATABASE \(name)")
        var configuration = try PostgresConfiguration(url: url)
        configuration.maximumConnections = connections
        let pool = PostgresPool(configuration: configuration)
        let outcome: Result<Value, any Error>
        do {
            _ = try await Migrator(pool: pool).migrate()
            outcome = .success(try await body(pool, PostgresTaskRepository(pool: pool)))
        } catch {
            outcome = .failure(error)
        }
        await pool.shutdown()
        try? await admin.run("DROP DATABASE \(name) WITH (FORCE)")
        await admin.shutdown()
        return try outcome.get()
    }
}

extension PostgresPool {
    /// Runs a text without parameters.
    func run(_ sql: String) async throws {
        try await withSession { try $0.executeSimple(sql) }
    }

    /// The first row's first column as an integer.
    func integer(_ sql: String) async throws -> Int {
        try await withSession { try $0.execute(PostgresStatement("test \(sql)", sql)).int(0, 0) }
    }

    /// The first column of all rows as text.
    func texts(_ sql: String) async throws -> [String] {
        try await withSession { session in
            let rows = try session.execute(PostgresStatement("test \(sql)", sql))
            return try (0..<rows.count).map { try rows.text($0, 0) }
        }
    }
}

extension NewTask {
    /// A valid task of a user.
    static func sample(
        _ userID: String = "u1", title: String = "A title", priority: Priority = .medium, batch: String? = nil
    ) -> NewTask {
        NewTask(
            userID: userID,
            submission: TaskSubmission(
                title: title, description: "A description of at least twenty characters", priority: priority,
                batch: batch))
    }
}
