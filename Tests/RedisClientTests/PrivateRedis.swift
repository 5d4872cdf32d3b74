import Foundation
import RedisClient
import Synchronization
import TestServers

/// A Redis server of one test, on a free loopback port, to be killed and frozen. It writes nothing to disk.
final class PrivateRedis: Sendable {
    static let password = "se:c/r@et"

    /// How a server that only speaks TLS presents itself.
    struct TLS: Sendable {
        let files: Certificates
        let identity: String
        let wantsClientCertificate: Bool

        init(_ files: Certificates, identity: String = "server", wantsClientCertificate: Bool = false) {
            self.files = files
            self.identity = identity
            self.wantsClientCertificate = wantsClientCertificate
        }

        func arguments(port: Int) -> [String] {
            [
                "--port", "0", "--tls-port", "\(port)", "--tls-cert-file", files.certificate(identity),
                "--tls-key-file", files.key(identity), "--tls-ca-cert-file", files.certificate("authority"),
                "--tls-auth-clients", wantsClientCertificate ? "yes" : "no",
            ]
        }
    }

    let port: Int
    private let tls: TLS?
    private let arguments: [String]
    private let process = Mutex<Process?>(nil)

    var url: String { tls == nil ? "redis://127.0.0.1:\(port)/0" : url(host: "localhost") }

    /// With TLS, and the right authority.
    func url(host: String, credentials: String = "", database: Int = 0) -> String {
        "rediss://\(credentials)\(host):\(port)/\(database)?cacertfile=\(tls?.files.certificate("authority") ?? "")"
    }

    /// Starts a server, runs `body`, stops the server.
    static func with(
        password: String? = nil, tls: TLS? = nil, arguments: [String] = [],
        _ body: (PrivateRedis) async throws -> Void
    ) async throws {
        let server = PrivateRedis(port: try FreePort.find(), password: password, tls: tls, arguments: arguments)
        defer { server.kill() }
        try server.start()
        try await server.waitUntilReady()
        try await body(server)
    }

    private init(port: Int, password: String?, tls: TLS?, arguments: [String]) {
        self.port = port
        self.tls = tls
        self.arguments =
            ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
            + (tls?.arguments(port: port) ?? ["--port", "\(port)"])
            + (password.map { ["--requirepass", $0] } ?? []) + arguments
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

    /// Asks until the server answers anything, if only that it wants a password or a certificate.
    func waitUntilReady() async throws {
        try await TestRedis.withClient(url: url) { client in
            try await askUntil {
                do {
                    _ = try await client.command(["PING"])
                    return true
                } catch let error as RedisError where error.code == .unavailable {
                    return false
                } catch let error as RedisError where [.authenticationFailed, .tls].contains(error.code) {
                    return true
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
