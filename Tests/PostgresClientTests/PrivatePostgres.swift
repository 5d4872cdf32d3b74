import Foundation
import PostgresClient
import Synchronization
import TestServers
import Testing

/// A PostgreSQL server of one test, on a free loopback port, to be killed and frozen.
final class PrivatePostgres: Sendable {
    static let password = "se:c/r@et"
    private static let binaries = "/usr/lib/postgresql/15/bin"

    let port: Int
    private let folder: String
    private let process = Mutex<Process?>(nil)

    var url: String { "postgres://postgres:se%3Ac%2Fr%40et@127.0.0.1:\(port)/postgres" }

    /// Starts a server, runs `body`, stops the server and removes its files.
    static func with(_ body: (PrivatePostgres) async throws -> Void) async throws {
        let server = try PrivatePostgres()
        defer { server.remove() }
        try server.start()
        try await server.waitUntilReady()
        try await body(server)
    }

    private init() throws {
        port = try FreePort.find()
        folder = NSTemporaryDirectory() + "postgres-client-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        if getuid() == 0, let user = getpwnam("postgres") { chown(folder, user.pointee.pw_uid, user.pointee.pw_gid) }
        let passwordFile = folder + "/password"
        try Data(Self.password.utf8).write(to: URL(fileURLWithPath: passwordFile))
        chmod(passwordFile, 0o644)
        let initdb = Self.process(
            "initdb",
            [
                "-D", folder + "/data", "-U", "postgres", "-A", "scram-sha-256", "--pwfile", passwordFile, "-E", "UTF8",
                "--no-sync",
            ])
        try initdb.run()
        initdb.waitUntilExit()
        try #require(initdb.terminationStatus == 0, "initdb failed")
    }

    /// Starts the server process; it may take a moment until it answers.
    func start() throws {
        let server = Self.process(
            "postgres",
            [
                "-D", folder + "/data", "-p", "\(port)", "-c", "listen_addresses=127.0.0.1", "-c",
                "unix_socket_directories=", "-c", "fsync=off",
            ])
        try server.run()
        process.withLock { $0 = server }
    }

    func waitUntilReady() async throws {
        try await TestDatabase.withPool(url: url) { try await $0.run("SELECT 1") }
    }

    /// Kills the server and its children at once, as a crash of the machine would.
    func kill() {
        guard let server = process.withLock({ $0 }) else { return }
        let family = [server.processIdentifier] + children(of: server.processIdentifier)
        for pid in family { Glibc.kill(pid, SIGKILL) }
        server.waitUntilExit()
        for pid in family.dropFirst() { while Glibc.kill(pid, 0) == 0 { sched_yield() } }
        process.withLock { $0 = nil }
    }

    /// Stops the server and its children without ending them: connections stay open and nothing answers.
    func freeze() { signalAll(SIGSTOP) }

    func thaw() { signalAll(SIGCONT) }

    private func signalAll(_ number: Int32) {
        guard let server = process.withLock({ $0 }) else { return }
        for pid in [server.processIdentifier] + children(of: server.processIdentifier) { Glibc.kill(pid, number) }
    }

    private func children(of pid: Int32) -> [Int32] {
        let list = try? String(contentsOfFile: "/proc/\(pid)/task/\(pid)/children", encoding: .utf8)
        return (list ?? "").split(separator: " ").compactMap {
            Int32($0.trimmingCharacters(in: .whitespacesAndNewlines))
        }
    }

    private func remove() {
        kill()
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// PostgreSQL refuses to run as root; `setpriv` replaces itself, so that the process is the server's.
    private static func process(_ name: String, _ arguments: [String]) -> Process {
        let process = Process()
        let command = ["\(binaries)/\(name)"] + arguments
        if getuid() == 0 {
            process.executableURL = URL(fileURLWithPath: "/usr/bin/setpriv")
            process.arguments = ["--reuid=postgres", "--regid=postgres", "--init-groups", "--"] + command
        } else {
            process.executableURL = URL(fileURLWithPath: command[0])
            process.arguments = arguments
        }
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        return process
    }
}
