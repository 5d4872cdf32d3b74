import Foundation
import RedisClient
import Synchronization

/// A Redis server of one test, on a free loopback port, to be killed and frozen. It writes nothing to disk.
final class PrivateRedis: Sendable {
    static let password = "se:c/r@et"

    let port: Int
    private let arguments: [String]
    private let process = Mutex<Process?>(nil)

    var url: String { "redis://127.0.0.1:\(port)/0" }

    /// Starts a server, runs `body`, stops the server.
    static func with(
        password: String? = nil, _ body: (PrivateRedis) async throws -> Void
    ) async throws {
        let server = PrivateRedis(port: try FreePort.find(), password: password)
        defer { server.kill() }
        try server.start()
        try await server.waitUntilReady()
        try await body(server)
    }

    private init(port: Int, password: String?) {
        self.port = port
        arguments =
            ["--port", "\(port)", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
            + (password.map { ["--requirepass", $0] } ?? [])
    }

    /// Starts the server process; it may take a moment until it answers.
    func start() throws {
        let server = Process()
        server.executableURL = URL(fileURLWithPath: "/usr/bin/redis-server")
        server.arguments = arguments
        server.standardOutput = FileHandle.nullDevice
        server.standardError = FileHandle.nullDevice
        try server.run()
        process.withLock { $0 = server }
    }

    /// Asks until the server answers anything, if only that it wants a password.
    func waitUntilReady() async throws {
        try await TestRedis.withClient(url: url) { client in
            while true {
                do {
                    _ = try await client.command(["PING"])
                    return
                } catch let error as RedisError where error.code == .unavailable {
                    await Task.yield()
                } catch let error as RedisError where error.code == .authenticationFailed {
                    return
                }
            }
        }
    }

    func kill() {
        guard let server = process.withLock({ $0 }) else { return }
        Glibc.kill(server.processIdentifier, SIGKILL)
        server.waitUntilExit()
        process.withLock { $0 = nil }
    }

    func freeze() { signal(SIGSTOP) }

    func thaw() { signal(SIGCONT) }

    private func signal(_ number: Int32) {
        guard let server = process.withLock({ $0 }) else { return }
        Glibc.kill(server.processIdentifier, number)
    }
}
