import FoundationEssentials
import Glibc
import Testing

@testable import PrivateStack

struct SmallPartsTests {
    @Test func shellQuotingSurvivesQuotes() {
        #expect(EnvironmentFile.quoted("a'b $c") == #"'a'\''b $c'"#)
    }

    @Test func exitStatusIsReadFromTheWaitWord() {
        #expect(ExitStatus(waitStatus: 3 << 8) == .exited(3))
        #expect(ExitStatus(waitStatus: 9).description == "signal 9 (SIGKILL)")
        #expect(ExitStatus.signalled(15).shellCode == 143)
    }

    @Test func serversHaveAnExplicitNullForMetrics() throws {
        let entry = ProcessTable.Entry(role: .redis, name: "redis", pid: 7, metricsURL: nil)
        let text = String(decoding: try JSONEncoder().encode(entry), as: UTF8.self)
        #expect(text.contains(#""metrics_url":null"#))
    }

    @Test func workersAreOrderedByNumber() {
        #expect(ProcessTable.order((.worker, "worker-2"), (.worker, "worker-10")))
        #expect(ProcessTable.order((.redis, "redis"), (.gateway, "gateway")))
    }

    @Test func ownProcessIsRecognised() throws {
        let own = try #require(ProcessIdentity(running: getpid()))
        #expect(own.isRunning)
        #expect(ProcessIdentity(running: 0) == nil)
    }

    @Test func childGetsOnlyWhatIsNamed() async throws {
        try await withTemporaryFolder { folder in
            let launch = SpawnRequest(
                executable: "/bin/sh", arguments: ["-c", "env; ls /proc/self/fd; exit 3"],
                environment: ["ONLY": "this"], output: .file(folder + "/log"), workingDirectory: folder)
            let child = try await ChildProcess.spawn(launch, name: "child")
            #expect(await child.exit() == .exited(3))
            let text = try String(decoding: #require(try PrivateFile.read(folder + "/log")), as: UTF8.self)
            #expect(text.contains("ONLY=this"))
            #expect(!text.contains("PATH="))
            // 0, 1, 2 and the one `ls` opens itself.
            #expect(text.split(separator: "\n").filter { Int($0) != nil }.count == 4)
        }
    }

    @Test func missingProgramIsNamed() async throws {
        let launch = SpawnRequest(executable: "/no/such/program", output: .discarded)
        let error = await #expect(throws: PrivateStackError.self) { try await ChildProcess.spawn(launch, name: "none") }
        #expect(error?.code == .programMissing)
    }

    @Test func leftoverOfAKilledSupervisorIsEnded() async throws {
        try await withTemporaryFolder { folder in
            let state = StateDirectory(folder)
            try state.create()
            let launch = SpawnRequest(executable: "/bin/sleep", arguments: ["600"], output: .discarded)
            let orphan = try await ChildProcess.spawn(launch, name: "orphan")
            let children = ProcessTable.Children(
                bootID: ProcessIdentity.bootID,
                processes: [ProcessTable.Child(name: "orphan", identity: orphan.identity, signal: SIGKILL)])
            try PrivateFile.writeJSON(children, to: state.children, mode: 0o600)
            try await OrphanReaper.end(in: state, logger: .silent)
            #expect(await orphan.exit() == .signalled(SIGKILL))
        }
    }

    @Test func processWithARecycledNumberIsLeftAlone() async throws {
        try await withTemporaryFolder { folder in
            let state = StateDirectory(folder)
            try state.create()
            let launch = SpawnRequest(executable: "/bin/sleep", arguments: ["600"], output: .discarded)
            let stranger = try await ChildProcess.spawn(launch, name: "stranger")
            let text = """
                {"boot_id":"\(ProcessIdentity.bootID)","processes":[{"name":"gone","signal":9,
                "identity":{"pid":\(stranger.pid),"start_ticks":\(stranger.identity.startTicks - 1)}}]}
                """
            try PrivateFile.write(text, to: state.children, mode: 0o600)
            try await OrphanReaper.end(in: state, logger: .silent)
            #expect(stranger.identity.isRunning)
            stranger.signal(SIGKILL)
            #expect(await stranger.exit() == .signalled(SIGKILL))
        }
    }
}
