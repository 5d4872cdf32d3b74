import FoundationEssentials
import Glibc
import Testing

@testable import PrivateStack

/// With real servers. Serialised: each stack boots a RabbitMQ.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct PrivateStackTests {
    @Test func killedProcessesOfOursAreStartedAgain() async throws {
        try await withTemporaryFolder { folder in
            try await StackFixture.with(folder) { fixture in
                #expect(fileMode(fixture.state.environment) == 0o600)
                #expect(
                    try fixture.table().map(\.role.rawValue).sorted() == [
                        "gateway", "postgres", "rabbitmq", "redis", "scheduler", "twin", "worker", "worker",
                    ])
                for name in ["twin", "gateway", "scheduler", "worker-1", "worker-2"] {
                    let time = try await fixture.killAndAwaitSuccessor(name, within: .seconds(60))
                    #expect(time != nil, "\(name) was not started again")
                    #expect(await fixture.awaitReady(name))
                }
                #expect(await fixture.status("worker-1")?.restarts == 1)
                #expect(await fixture.status("worker-1")?.lastFailure?.contains("SIGKILL") == true)
            }
        }
    }

    @Test func killedServersComeBackWithTheirData() async throws {
        try await withTemporaryFolder { folder in
            try await StackFixture.with(folder, plan: { _ in .serversOnly }) { fixture in
                let version = try #require(inode(fixture.state.postgres + "/PG_VERSION"))
                for name in ["redis", "postgres", "rabbitmq"] {
                    #expect(try await fixture.killAndAwaitSuccessor(name, within: .seconds(60)) != nil)
                    #expect(await fixture.awaitReady(name), "\(name) did not come back")
                }
                #expect(inode(fixture.state.postgres + "/PG_VERSION") == version)
            }
        }
    }

    @Test func wipedServersStartOver() async throws {
        try await withTemporaryFolder { folder in
            try await StackFixture.with(folder, plan: { _ in .serversOnly }) { fixture in
                // ReadyCondition includes logging in, and PostgreSQL's database.
                for (name, data) in [
                    ("rabbitmq", fixture.state.rabbitMQ), ("postgres", fixture.state.postgres),
                    ("redis", fixture.state.redis),
                ] {
                    try await fixture.control.stop(name)
                    #expect(try fixture.pid(name) == nil)
                    await wipe(data)
                    try await fixture.control.start(name)
                    #expect(try await fixture.control.waitUntilReady(within: .seconds(60)).isReady)
                }
            }
        }
    }

    @Test func dataDeletedRightAfterAKillIsMadeAnew() async throws {
        try await withTemporaryFolder { folder in
            try await StackFixture.with(folder, plan: { _ in .serversOnly }) { fixture in
                for (name, data) in [
                    ("rabbitmq", fixture.state.rabbitMQ), ("postgres", fixture.state.postgres),
                ] {
                    let old = try #require(try fixture.pid(name))
                    // Numbers of files are used again; what was in the old folder is not in the new one.
                    let marker = data + "/old"
                    #expect(FileManager.default.createFile(atPath: marker, contents: nil))
                    kill(old, SIGKILL)
                    await wipe(data)
                    let back = try await eventually(within: .seconds(60)) {
                        guard let new = try fixture.pid(name), new != old else { return false }
                        return await fixture.status(name)?.state == .ready
                    }
                    #expect(back != nil, "\(name) did not come back")
                    #expect(FileManager.default.fileExists(atPath: data))
                    #expect(!FileManager.default.fileExists(atPath: marker))
                }
            }
        }
    }

    @Test func twoStacksAtOnceListenOnLoopbackOnly() async throws {
        try await withTemporaryFolder { first in
            try await withTemporaryFolder { second in
                try await StackFixture.with(first) { one in
                    try await StackFixture.with(second) { two in
                        let mine = ListeningSockets.addresses(of: try one.table().map(\.pid))
                        let others = ListeningSockets.addresses(of: try two.table().map(\.pid))
                        // PostgreSQL, RabbitMQ and its management, Redis, five stand-ins; 127.0.0.1 in hexadecimal.
                        #expect(mine.count == 9)
                        #expect(others.count == 9)
                        #expect(mine.isDisjoint(with: others))
                        #expect(mine.union(others).allSatisfy { $0.hasPrefix("0100007F:") })
                    }
                }
            }
        }
    }

    @Test func noCredentialInArgumentsOrLogs() async throws {
        try await withTemporaryFolder { folder in
            try await StackFixture.with(folder) { fixture in
                let credentials = try Credentials.loadOrCreate(in: fixture.state)
                let secrets = [
                    credentials.apiKey, credentials.postgresPassword, credentials.rabbitMQPassword,
                    credentials.redisPassword,
                ]
                var texts: [String: String] = [:]
                for pid in ListeningSockets.family(of: try fixture.table().map(\.pid)) {
                    let data = (try? PrivateFile.read("/proc/\(pid)/cmdline")).flatMap { $0 } ?? Data()
                    texts["arguments of \(pid)"] = String(decoding: data, as: UTF8.self)
                }
                for name in try FileManager.default.contentsOfDirectory(atPath: fixture.state.log) {
                    let data = try PrivateFile.read(fixture.state.log + "/" + name) ?? Data()
                    texts[name] = String(decoding: data, as: UTF8.self)
                }
                #expect(texts.count > 10)
                for (place, text) in texts {
                    #expect(!secrets.contains { text.contains($0) }, "a credential in \(place)")
                }
            }
        }
    }

    @Test func crashLoopFailsTheStartAndSaysWhy() async throws {
        try await withTemporaryFolder { folder in
            let plan: @Sendable (StackContext) throws -> StackPlan = { _ in
                let script = "echo PORT is not a number >&2; exit 3"
                return StackPlan(processes: [
                    ProcessSpec(
                        name: "gateway", role: .gateway, executable: "/bin/sh", arguments: ["-c", script],
                        readiness: .http(port: 1))
                ])
            }
            let error = await #expect(throws: PrivateStackError.self) {
                try await StackFixture.with(folder, plan: plan) { _ in }
            }
            #expect(error?.code == .startFailed)
            #expect(error?.description.contains("gateway") == true)
            #expect(error?.description.contains("exit status 3") == true)
            #expect(error?.description.contains("PORT is not a number") == true)
            #expect(access(folder + "/processes.json", F_OK) != 0)
        }
    }

    @Test func workersScaleUpAndDownAndStubbornOnesAreKilled() async throws {
        try await withTemporaryFolder { folder in
            try await StackFixture.with(
                folder, drainLimit: .seconds(1),
                plan: { _ in
                    StackPlan(
                        workerCount: 1,
                        worker: {
                            ProcessSpec(
                                name: "worker-\($0)", role: .worker, executable: "/bin/sh",
                                arguments: [
                                    "-c", $0 == 3 ? "trap '' TERM; while :; do sleep 1; done" : "exec sleep 600",
                                ],
                                readiness: .immediate)
                        })
                }
            ) { fixture in
                let first = try fixture.pid("worker-1")
                try await fixture.control.scaleWorkers(to: 3)
                #expect(try fixture.table().filter { $0.role == .worker }.count == 3)
                try await fixture.control.scaleWorkers(to: 1)
                #expect(try fixture.table().filter { $0.role == .worker }.map(\.pid) == [first].compactMap { $0 })
                let pid = try fixture.pid("worker-1")
                try await fixture.control.restart("worker-1")
                #expect(try fixture.pid("worker-1") != pid)
                let error = await #expect(throws: PrivateStackError.self) {
                    try await fixture.control.restart("nobody")
                }
                #expect(error?.code == .unknownProcess)
            }
        }
    }

    @Test func secondSupervisorIsRefusedAndDownEndsTheFirst() async throws {
        try await withTemporaryFolder { folder in
            let state = StateDirectory(folder)
            try await StackFixture.with(folder) { fixture in
                let error = await #expect(throws: PrivateStackError.self) {
                    try await PrivateStack(PrivateStack.Options(state: state), logger: .silent).run()
                }
                #expect(error?.code == .alreadyRunning)
                let pids = try fixture.table().map(\.pid)
                fixture.stack.requestStop()
                let gone = await eventually(within: .seconds(60)) { pids.allSatisfy { kill($0, 0) != 0 } }
                #expect(gone != nil)
            }
            #expect(try await StackControl(state).down() == false)
            #expect(access(state.processes, F_OK) != 0)
            #expect(access(state.environment, F_OK) != 0)
        }
    }

    @Test func folderClosedToPostgresUserIsPassed() async throws {
        try await withTemporaryFolder { folder in
            // mkdtemp makes it 0700; only the state directory itself is opened for passing through.
            try await StackFixture.with(folder + "/below/it", plan: { _ in .serversOnly }) { fixture in
                #expect(await fixture.stack.status.isReady)
                #expect(fileMode(folder) == 0o700)
            }
        }
    }

    /// As an operator would, and like `rm` not disturbed by a dying server's own deletions.
    private func wipe(_ path: String) async {
        let launch = SpawnRequest(executable: "/bin/rm", arguments: ["-rf", path], output: .discarded)
        let child = try? await ChildProcess.spawn(launch, name: "rm")
        _ = await child?.exit()
    }

    private func inode(_ path: String) -> ino_t? {
        var information = stat()
        return stat(path, &information) == 0 ? information.st_ino : nil
    }
}
