import FoundationEssentials
import Glibc
import Testing

@testable import PrivateStack

/// The supervisor as a process of its own: `NAME servers --state-dir DIR -- COMMAND...`.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct SupervisorProcessTests {
    @Test func commandGetsServersAndItsExitStatusIsReturned() async throws {
        try await withTemporaryFolder { folder in
            let script = #"test -n "$TEST_AMQP_URL" && psql "$TEST_DATABASE_URL" -c 'SELECT 1' >/dev/null && exit 7"#
            let supervisor = try await start(folder + "/state", ["/bin/sh", "-c", script])
            #expect(await supervisor.exit() == .exited(7))
            #expect(access(folder + "/state/processes.json", F_OK) != 0)
        }
    }

    @Test func killedSupervisorLeavesNothingRunningAndTheNextStartsClean() async throws {
        try await withTemporaryFolder { folder in
            let state = StateDirectory(folder + "/state")
            let supervisor = try await start(state.path, ["/bin/sleep", "600"])
            try await awaitServers(state)
            let data = try #require(try PrivateFile.read(state.children))
            let children = try JSONDecoder().decode(ProcessTable.Children.self, from: data).processes
            #expect(children.count == 3)
            supervisor.signal(SIGKILL)
            _ = await supervisor.exit()
            let gone = await eventually(within: .seconds(60)) { children.allSatisfy { !$0.identity.isRunning } }
            #expect(gone != nil)
            let next = try await start(state.path, ["/bin/true"])
            #expect(await next.exit() == .exited(0))
        }
    }

    @Test func terminationStopsCommandAndServersInOrder() async throws {
        try await withTemporaryFolder { folder in
            let state = StateDirectory(folder + "/state")
            let supervisor = try await start(state.path, ["/bin/sleep", "600"])
            try await awaitServers(state)
            supervisor.signal(SIGTERM)
            guard case .exited = await supervisor.exit() else {
                Issue.record("the supervisor did not end by itself")
                return
            }
            #expect(access(state.processes, F_OK) != 0)
            #expect(access(state.postgres + "/postmaster.pid", F_OK) != 0)
        }
    }

    @Test func ordinaryUserRunsAStackToo() async throws {
        // As an ordinary user, every test here shows it.
        guard geteuid() == 0 else { return }
        try await withTemporaryFolder { folder in
            let nobody: (uid: uid_t, gid: gid_t) = (65534, 65534)
            try #require(chmod(folder, 0o755) == 0)
            // The build folder may be closed to that user.
            let program = folder + "/program"
            try PrivateFile.write(try #require(try PrivateFile.read(commandLine())), to: program, mode: 0o755)
            try #require(mkdir(folder + "/home", 0o700) == 0)
            try #require(chown(folder + "/home", nobody.uid, nobody.gid) == 0)
            let launch = SpawnRequest(
                executable: program,
                arguments: ["servers", "--state-dir", folder + "/home/state", "--", "/bin/sh", "-c", "exit 5"],
                environment: SpawnRequest.commonEnvironment.merging(["HOME": folder + "/home"]) { $1 },
                output: .discarded, workingDirectory: "/")
            let account = ServerAccount.other(uid: nobody.uid, gid: nobody.gid, capability: nil)
            let wrapped = ParentDeathSignal.wrap(launch, parentDeathSignal: "TERM", account: account)
            let supervisor = try await ChildProcess.spawn(wrapped, name: "supervisor")
            #expect(await supervisor.exit() == .exited(5))
        }
    }

    private func start(_ state: String, _ command: [String]) async throws -> ChildProcess {
        let launch = SpawnRequest(
            executable: try commandLine(), arguments: ["servers", "--state-dir", state, "--"] + command,
            environment: SpawnRequest.commonEnvironment, output: .discarded)
        return try await ChildProcess.spawn(launch, name: "supervisor")
    }

    /// The command line's executable, built beside the tests.
    private func commandLine() throws -> String {
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let folder = own.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" }
        let candidates: [String] = ["mixmyai", "stacktool"].map { name in "\(folder)/\(name)" }
        let found = candidates.first { access($0, X_OK) == 0 }
        return try #require(found, "build the product mixmyai first")
    }

    /// Until the control socket says that everything is ready.
    private func awaitServers(_ state: StateDirectory) async throws {
        let ready = await eventually(within: .seconds(90)) {
            (try? await StackControl(state).status().isReady) == true
        }
        try #require(ready != nil, "the servers did not start")
    }
}
