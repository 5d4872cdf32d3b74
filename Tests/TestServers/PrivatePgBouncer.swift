import CLinux
import Foundation
import Glibc

/// A PgBouncer of one test, in front of the server of TEST_DATABASE_URL: TEST_PGBOUNCER, else the installed one.
package final class PrivatePgBouncer {
    package struct Failure: Error { let text: String }

    /// Who may look at the console, which tells the version.
    package enum Console { case open, closed }

    package static let executable = ProcessInfo.processInfo.environment["TEST_PGBOUNCER"] ?? "/usr/sbin/pgbouncer"

    /// Whether the program is 1.21 or newer, which carries prepared statements from one server connection to another.
    package static let carriesStatements: Bool = {
        guard let output = popen("'\(executable)' --version 2>/dev/null", "r") else { return false }
        defer { pclose(output) }
        var line = [CChar](repeating: 0, count: 256)
        guard fgets(&line, Int32(line.count), output) != nil else { return false }
        let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let numbers = text.split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
        return numbers.count == 2 && !numbers.lexicographicallyPrecedes([1, 21])
    }()

    private let folder: URL
    private var process: pid_t = 0
    private let port: Int
    private let server: URLComponents

    /// Starts one, runs `body` with a URL for a database behind it, and stops it.
    package static func run<Value>(
        mode: String, console: Console = .closed, database: String? = nil, settings: [String: String] = [:],
        _ body: (String) async throws -> Value
    ) async throws -> Value {
        let bouncer = try PrivatePgBouncer(mode: mode, console: console, settings: settings)
        defer { bouncer.stop() }
        try await bouncer.waitUntilListening()
        return try await body(bouncer.url(database))
    }

    private init(mode: String, console: Console, settings: [String: String]) throws {
        guard let server = URLComponents(string: try TestServer.database.url()) else { throw Failure(text: "no URL") }
        self.server = server
        port = try FreePort.find()
        folder = FileManager.default.temporaryDirectory.appending(path: "pgbouncer-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let user = server.user ?? "postgres"
        // `any` lets everybody into the console; the servers' user and password are the URL's either way.
        let text = """
            [databases]
            * = host=\(server.host ?? "127.0.0.1") port=\(server.port ?? 5432) user=\(user) password='\(server.password ?? "")'
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = \(port)
            unix_socket_dir =
            auth_type = \(console == .open ? "any" : "trust")
            auth_file = \(folder.path)/users
            pool_mode = \(mode)
            \(settings.merging(["default_pool_size": "5"]) { given, _ in given }.map { "\($0) = \($1)" }.joined(separator: "\n"))
            """
        try Data(text.utf8).write(to: folder.appending(path: "pgbouncer.ini"))
        try Data("\"\(user)\" \"\(server.password ?? "")\"\n".utf8).write(to: folder.appending(path: "users"))
        var command = [Self.executable, folder.path + "/pgbouncer.ini"]
        // It refuses to run as root.
        if getuid() == 0, let user = getpwnam("postgres") {
            for name in ["", "pgbouncer.ini", "users"] {
                chown(folder.appending(path: name).path, user.pointee.pw_uid, user.pointee.pw_gid)
            }
            command = ["/usr/bin/setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--"] + command
        }
        try start(command)
    }

    /// Not by Foundation's Process: one thread looks after all of those, and it has been seen waiting for a PgBouncer that
    /// lived while tests waited for others that had ended.
    private func start(_ command: [String]) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for descriptor in Int32(0)...2 {
            posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
        }
        mixmyai_spawn_add_closefrom(&actions, 3)
        let words = command.map { strdup($0) }
        defer { words.forEach { free($0) } }
        let status = posix_spawn(&process, command[0], &actions, nil, words + [nil], environ)
        guard status == 0 else { throw Failure(text: "\(command[0]) cannot be started: \(status)") }
    }

    private func url(_ database: String?) -> String {
        var components = server
        (components.host, components.port) = ("127.0.0.1", port)
        if let database { components.path = "/" + database }
        return components.string ?? ""
    }

    /// Tries to connect until somebody takes it.
    private func waitUntilListening() async throws {
        for _ in 0..<500 {
            guard waitpid(process, nil, WNOHANG) == 0 else {
                process = 0
                throw Failure(text: "pgbouncer has ended: is it installed?")
            }
            if Loopback.accepts(port) { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw Failure(text: "pgbouncer does not listen")
    }

    private func stop() {
        defer { try? FileManager.default.removeItem(at: folder) }
        guard process > 0 else { return }
        // It inherits the signals that the test runner's threads block, and SIGTERM is among them.
        kill(process, SIGKILL)
        waitpid(process, nil, 0)
    }
}

/// Connections to ports of this machine.
package enum Loopback {
    /// Whether somebody accepts a connection.
    package static func accepts(_ port: Int) -> Bool {
        guard let descriptor = connected(port, waits: true) else { return false }
        close(descriptor)
        return true
    }

    /// A socket that is connected, or about to be; nil if nobody listens.
    static func connected(_ port: Int, waits: Bool) -> Int32? {
        let kind = Int32(SOCK_STREAM.rawValue) | (waits ? 0 : Int32(SOCK_NONBLOCK.rawValue))
        let descriptor = socket(AF_INET, kind, 0)
        var address = address(port)
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if status == 0 || !waits && errno == EINPROGRESS { return descriptor }
        close(descriptor)
        return nil
    }

    static func address(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }
}

/// A port whose queue of connections is full: the kernel drops what asks to be let in, as a firewall does.
package final class DroppingPort {
    package let port: Int
    private var descriptors: [Int32] = []

    package init() throws {
        port = try FreePort.find()
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        descriptors.append(listener)
        var address = Loopback.address(port)
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard bound == 0, listen(listener, 0) == 0 else { throw PrivatePgBouncer.Failure(text: "cannot listen") }
        // One is let into the queue; the others find it full.
        for _ in 0..<4 { if let descriptor = Loopback.connected(port, waits: false) { descriptors.append(descriptor) } }
    }

    deinit { for descriptor in descriptors { close(descriptor) } }
}
