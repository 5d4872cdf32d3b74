package import PostgresClient

/// A database that others are copied from, so that what they have in common is made once per test process. It is left to
/// the server, which ends with the run.
package actor TemplateDatabase {
    private let prepare: @Sendable (PostgresPool) async throws -> Void
    private var name: String?
    private var isBeingMade = false
    private var waiters: [CheckedContinuation<Void, Never>] = []

    /// - Parameter prepare: fills it.
    package init(_ prepare: @escaping @Sendable (PostgresPool) async throws -> Void) {
        self.prepare = prepare
    }

    /// Its name; made by the first who asks, while the others wait.
    func made() async throws -> String {
        while isBeingMade { await withCheckedContinuation { waiters.append($0) } }
        if let name { return name }
        isBeingMade = true
        defer {
            isBeingMade = false
            for waiter in waiters { waiter.resume() }
            waiters = []
        }
        let new = try await make()
        name = new
        return new
    }

    private func make() async throws -> String {
        let server = try TestServer.database.url()
        let new = "template_\(UInt64.random(in: 0...UInt64.max))"
        let url = try NewDatabase.url(of: new, on: server)
        try await withPool(try PostgresConfiguration(url: server)) { @Sendable pool in
            try await pool.run("CREATE DATABASE \(new)")
        }
        // Nobody is connected to it when it is copied.
        try await withPool(try PostgresConfiguration(url: url)) { @Sendable [prepare] pool in try await prepare(pool) }
        return new
    }
}
