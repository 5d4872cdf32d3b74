import BrokerRelay
import Foundation
import Glibc
import Synchronization

@testable import AMQPClient

/// A RabbitMQ node of one test's own, on free loopback ports, that the test may kill, freeze and wipe.
final class PrivateBroker: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let port: UInt16
    let tlsPort: UInt16
    let directory: URL
    private let environment: [String: String]
    private let portMapper: Int32
    private let node: Mutex<Node>

    private struct Node {
        /// The shell script that became the node, and the Erlang machine itself.
        var launched: Int32 = 0
        var machine: Int32 = 0
    }

    /// Runs `body` with a started broker; ends the broker and removes its files afterwards.
    static func with(
        _ settings: (URL) throws -> String = { _ in "" }, _ body: (PrivateBroker) async throws -> Void
    ) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(
            path: "amqp-test-\(UInt64.random(in: 0...UInt64.max))")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let broker = try PrivateBroker(directory, settings: settings(directory))
        var failure: (any Error)?
        do {
            try await broker.start()
            try await body(broker)
        } catch {
            failure = error
        }
        await broker.kill()
        Glibc.kill(broker.portMapper, SIGKILL)
        _ = await exited(broker.portMapper)
        try FileManager.default.removeItem(at: directory)
        if let failure { throw failure }
    }

    private init(_ directory: URL, settings: String) throws {
        self.directory = directory
        let ports = try Self.freePorts(4)
        (port, tlsPort) = (ports[0], ports[1])
        var environment = ProcessInfo.processInfo.environment
        for (name, value) in [
            "HOME": directory.path, "RABBITMQ_NODENAME": "private\(ports[0])@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1", "RABBITMQ_NODE_PORT": "\(ports[0])",
            "RABBITMQ_DIST_PORT": "\(ports[2])", "ERL_EPMD_PORT": "\(ports[3])", "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_MNESIA_BASE": directory.path + "/data", "RABBITMQ_LOG_BASE": directory.path + "/log",
            "RABBITMQ_PID_FILE": directory.path + "/pid", "RABBITMQ_CONFIG_FILE": directory.path + "/rabbitmq",
            "RABBITMQ_ENABLED_PLUGINS_FILE": directory.path + "/plugins",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 +sbwt none",
        ] { environment[name] = value }
        self.environment = environment
        try settings.replacing("TLS_PORT", with: "\(ports[1])").write(
            to: directory.appending(path: "rabbitmq.conf"), atomically: true, encoding: .utf8)
        try "[].".write(to: directory.appending(path: "plugins"), atomically: true, encoding: .utf8)
        // In the foreground, so that it can be ended by its number.
        portMapper = try Self.spawn("/usr/bin/epmd", [], environment, output: directory.path + "/epmd.out")
        node = Mutex(Node())
    }

    func configuration(heartbeat: Int = 10) throws -> AMQPConfiguration {
        try AMQPConfiguration(url: "amqp://127.0.0.1:\(port)/?heartbeat=\(heartbeat)")
    }

    /// Starts the node and returns when it accepts connections.
    func start() async throws {
        try? FileManager.default.removeItem(at: directory.appending(path: "pid"))
        let launched = try Self.spawn(
            "/bin/sh", [Self.program("rabbitmq-server")], environment, output: directory.path + "/broker.out")
        node.withLock { $0 = Node(launched: launched) }
        let deadline = ContinuousClock.now + .seconds(60)
        while !Self.accepts(port) {
            guard ContinuousClock.now < deadline else { throw Failure(description: "the broker does not start") }
            try await Task.sleep(for: .milliseconds(20))
        }
        let text = try String(contentsOf: directory.appending(path: "pid"), encoding: .utf8)
        guard let machine = Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw Failure(description: "no process number")
        }
        node.withLock { $0.machine = machine }
    }

    /// Ends the node without warning and returns when it is gone.
    func kill() async {
        let node = node.withLock { node in
            defer { node = Node() }
            return node
        }
        for process in [node.machine, node.launched] where process > 0 { Glibc.kill(process, SIGKILL) }
        if node.launched > 0 { await Self.exited(node.launched) }
        while Self.accepts(port) { try? await Task.sleep(for: .milliseconds(5)) }
    }

    /// Removes all data; for a node that is down.
    func wipe() throws {
        try FileManager.default.removeItem(at: directory.appending(path: "data"))
    }

    func freeze() { _ = Glibc.kill(node.withLock(\.machine), SIGSTOP) }

    func thaw() { _ = Glibc.kill(node.withLock(\.machine), SIGCONT) }

    /// `rabbitmqctl` with these arguments.
    func control(_ arguments: [String]) async throws {
        let process = try Self.spawn(
            "/bin/sh", [Self.program("rabbitmqctl")] + arguments, environment,
            output: directory.path + "/control.out")
        let status = await Self.exited(process)
        guard status == 0 else { throw Failure(description: "rabbitmqctl \(arguments) failed with status \(status)") }
    }

    /// The installed version's own script: the one in `PATH` changes the user.
    private static func program(_ name: String) throws -> String {
        let root = "/usr/lib/rabbitmq/lib"
        let versions = try FileManager.default.contentsOfDirectory(atPath: root)
        guard let version = versions.first(where: { $0.hasPrefix("rabbitmq_server-") }) else {
            throw Failure(description: "RabbitMQ is not installed")
        }
        return "\(root)/\(version)/sbin/\(name)"
    }

    private static func spawn(
        _ executable: String, _ arguments: [String], _ environment: [String: String], output: String
    ) throws -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        let argv = ([executable] + arguments).map { strdup($0) } + [nil]
        let envp = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { for string in argv + envp { free(string) } }
        var process: Int32 = 0
        let status = posix_spawn(&process, executable, &actions, nil, argv, envp)
        guard status == 0 else { throw Failure(description: "cannot start \(executable)") }
        return process
    }

    @discardableResult
    private static func exited(_ process: Int32) async -> Int32 {
        var status: Int32 = 0
        while waitpid(process, &status, WNOHANG) == 0 { try? await Task.sleep(for: .milliseconds(5)) }
        return status
    }

    private static func accepts(_ port: UInt16) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        return Loopback.address(port) { connect(descriptor, $0, $1) } == 0
    }

    private static func freePorts(_ count: Int) throws -> [UInt16] {
        let descriptors = (0..<count).map { _ in socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) }
        defer { for descriptor in descriptors { close(descriptor) } }
        return try descriptors.map { descriptor in
            guard Loopback.address(0, { bind(descriptor, $0, $1) }) == 0 else { throw Failure(description: "no port") }
            return Loopback.port(of: descriptor)
        }
    }
}
