import FleetCore
import FleetStore
import PostgresClient
import TestServers

/// A database of its own, with the schema, for one test.
enum TaskRepositoryDatabase {
    private static let template = TemplateDatabase { _ = try await Migrator(pool: $0).migrate() }

    /// Makes a database on the server of TEST_DATABASE_URL, runs `body`, drops the database.
    static func run<Value>(
        connections: Int = 8, _ body: (PostgresPool, PostgresTaskRepository) async throws -> Value
    ) async throws -> Value {
        try await NewDatabase.run(connections: connections, copying: template) { _, pool in
            try await body(pool, PostgresTaskRepository(pool: pool))
        }
    }
}

extension PostgresPool {
    /// The only column of all rows as text.
    func texts(_ sql: String) async throws -> [String] {
        try await withSession { session in
            try session.execute(PostgresStatement("test \(sql)", sql)).column()
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
