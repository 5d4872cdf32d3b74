import FoundationEssentials
import Glibc
import Logging
import Testing

@testable import PrivateStack

/// A new folder below the temporary folder, deleted afterwards.
func withTemporaryFolder(_ body: (String) async throws -> Void) async throws {
    var template = Array("/tmp/private-stack-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    let folder = String(decoding: template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await body(folder)
}

/// The permission bits of a file.
func fileMode(_ path: String) -> mode_t {
    var information = stat()
    return stat(path, &information) == 0 ? information.st_mode & 0o7777 : 0
}

/// Looks until the condition holds; how long it took, or nil after `limit`.
func eventually(within limit: Duration, _ condition: () async throws -> Bool) async rethrows -> Duration? {
    let start = ContinuousClock.now
    while ContinuousClock.now - start < limit && !Task.isCancelled {
        if try await condition() { return ContinuousClock.now - start }
        try? await Task.sleep(for: .milliseconds(5))
    }
    return nil
}

/// A stack under test, with stand-ins for our own programs.
struct StackFixture: Sendable {
    let state: StateDirectory
    let stack: PrivateStack

    var control: StackControl { StackControl(state) }

    /// Starts a stack, runs the body when it is ready, and stops it.
    static func with(
        _ folder: String, drainLimit: Duration = .seconds(5),
        plan: @escaping @Sendable (StackContext) throws -> StackPlan = standInPlan,
        _ body: @escaping @Sendable (StackFixture) async throws -> Void
    ) async throws {
        let state = StateDirectory(folder)
        let stack = PrivateStack(
            PrivateStack.Options(state: state, startLimit: .seconds(90), drainLimit: drainLimit), logger: .silent,
            plan: plan)
        try await withThrowingTaskGroup { group in
            group.addTask {
                try await stack.run()
                // The body may itself have ended the stack, and goes on looking.
                try await Task.sleep(for: .seconds(60))
            }
            group.addTask {
                _ = await eventually(within: .seconds(95)) { await stack.status.isReady }
                try await body(StackFixture(state: state, stack: stack))
            }
            var failure: (any Error)?
            do {
                try await group.next()
            } catch {
                failure = error
            }
            // Asked to stop in order by its cancellation.
            group.cancelAll()
            try? await group.waitForAll()
            if let failure { throw failure }
        }
    }

    /// One stand-in of each role and two workers; each answers HTTP on its port.
    @Sendable static func standInPlan(_ context: StackContext) throws -> StackPlan {
        StackPlan(
            processes: try [StackRole.twin, .gateway, .scheduler].map { try standIn($0.rawValue, $0, context) },
            workerCount: 2, worker: { try standIn("worker-\($0)", .worker, context) },
            exports: ["MIXMYAI_API_URL": "http://127.0.0.1:\(try context.port("gateway"))"])
    }

    /// A Perl program (always there on Debian) that answers every HTTP request with 200.
    static func standIn(_ name: String, _ role: StackRole, _ context: StackContext) throws -> ProcessSpec {
        let port = try context.port(name)
        let program = """
            use IO::Socket::INET; my $s = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => \(port),
            Listen => 5, ReuseAddr => 1) or die "bind: $!"; while (my $c = $s->accept) {
            while (my $l = <$c>) { last if $l =~ /^\\r?$/ } print $c "HTTP/1.1 200 OK\\r\\n\\r\\n"; close $c }
            """
        return ProcessSpec(
            name: name, role: role, executable: "/usr/bin/perl", arguments: ["-e", program],
            readiness: .http(port: port), metricsPort: port)
    }

    /// The lines of `processes.json`.
    func table() throws -> [ProcessTable.Entry] {
        guard let data = try PrivateFile.read(state.processes) else { return [] }
        return try JSONDecoder().decode([ProcessTable.Entry].self, from: data)
    }

    func pid(_ name: String) throws -> pid_t? { try table().first { $0.name == name }?.pid }

    func status(_ name: String) async -> StackStatus.Process? {
        await stack.status.processes.first { $0.name == name }
    }

    /// Kills a process and waits for its successor in `processes.json`.
    ///
    /// - Returns: how long that took, nil if longer than the limit. Tests give a limit that only a hang reaches: a disk
    ///   that stands still for seconds is not the stack's fault.
    func killAndAwaitSuccessor(_ name: String, within limit: Duration) async throws -> Duration? {
        let old = try #require(try pid(name))
        try #require(kill(old, SIGKILL) == 0)
        return try await eventually(within: limit) {
            let new = try pid(name)
            return new != nil && new != old
        }
    }

    func awaitReady(_ name: String, within limit: Duration = .seconds(60)) async -> Bool {
        await eventually(within: limit) { await status(name)?.state == .ready } != nil
    }
}
