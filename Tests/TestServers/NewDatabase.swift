import Foundation
package import PostgresClient

/// An empty database of its own, for one test.
package enum NewDatabase {
    struct NotAURL: Error {}

    /// As many as the server has connections for, each with a pool of eight and some besides.
    private static let turnstile = Turnstile(places: 12)

    static func url(of database: String, on server: String) throws -> String {
        guard var components = URLComponents(string: server) else { throw NotAURL() }
        components.path = "/" + database
        guard let url = components.string else { throw NotAURL() }
        return url
    }

    /// As below, with a copy of `template`.
    package static func run<Value>(
        connections: Int? = nil, copying template: TemplateDatabase,
        _ body: (String, PostgresPool) async throws -> Value
    ) async throws -> Value {
        let name = try await template.made()
        return try await run(connections: connections, options: "TEMPLATE \(name)", body)
    }

    /// Makes a database on the server of TEST_DATABASE_URL, with the options of `CREATE DATABASE`, runs `body` with its
    /// URL and a pool, and drops it.
    package static func run<Value>(
        connections: Int? = nil, options: String = "", _ body: (String, PostgresPool) async throws -> Value
    ) async throws -> Value {
        let server = try TestServer.database.url()
        let name = "test_\(UInt64.random(in: 0...UInt64.max))"
        let url = try url(of: name, on: server)
        var configuration = try PostgresConfiguration(url: url)
        if let connections { configuration.maximumConnections = connections }

        return try await turnstile.pass {
            try await withPool(try PostgresConfiguration(url: server)) { admin in
                try await admin.run("CREATE DATABASE \(name) \(options)")
                return try await withResource(
                    PostgresPool(configuration: configuration),
                    close: { pool in
                        await pool.shutdown()
                        try? await admin.run("DROP DATABASE \(name) WITH (FORCE)")
                    },
                    body: { pool in try await body(url, pool) })
            }
        }
    }
}

/// Runs `body` with a pool that is shut down afterwards.
package func withPool<Value>(
    _ configuration: PostgresConfiguration, _ body: (PostgresPool) async throws -> Value
) async throws -> Value {
    try await withResource(PostgresPool(configuration: configuration), close: { await $0.shutdown() }, body: body)
}

extension PostgresPool {
    /// Runs a text without parameters.
    package func run(_ sql: String) async throws {
        try await withSession { try $0.executeSimple(sql) }
    }

    /// The first row's first column as an integer.
    package func integer(_ sql: String, _ parameters: [PostgresValue] = []) async throws -> Int {
        try await withSession { try $0.execute(PostgresStatement("test \(sql)", sql), parameters).only() as Int }
    }
}
