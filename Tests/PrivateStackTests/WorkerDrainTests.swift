import Glibc
import Testing

@testable import PrivateStack

/// A worker that drains takes the time it needs; the end of the stack sets it a limit.
@Suite(.serialized, .timeLimit(.minutes(3))) struct WorkerDrainTests {
    /// Ends at SIGUSR1 once a file is there; at SIGTERM at once.
    private func plan(_ folder: String) -> @Sendable (StackContext) throws -> StackPlan {
        { _ in
            StackPlan(
                processes: [
                    ProcessSpec(
                        name: "scheduler", role: .scheduler, executable: "/bin/sleep", arguments: ["600"],
                        readiness: .immediate)
                ], workerCount: 2,
                worker: { number in
                    let script = """
                        trap 'while [ ! -e \(folder)/done ]; do sleep 0.02; done; exit 0' USR1; trap 'exit 0' TERM
                        touch \(folder)/trapped-\(number); while :; do sleep 0.02; done
                        """
                    return ProcessSpec(
                        name: "worker-\(number)", role: .worker, executable: "/bin/sh", arguments: ["-c", script],
                        readiness: .immediate)
                })
        }
    }

    @Test func aDrainWaitsForTheWorkAndCanBeStartedAgain() async throws {
        try await withTemporaryFolder { folder in
            // No limit of a stop may reach it.
            try await StackFixture.with(folder + "/state", drainLimit: .milliseconds(1), plan: plan(folder)) {
                fixture in
                #expect(await eventually(within: .seconds(60)) { access(folder + "/trapped-2", F_OK) == 0 } != nil)
                try await fixture.control.drain("worker-2")
                #expect(await fixture.status("worker-2")?.state == .stopping)
                let pid = try #require(try fixture.pid("worker-2"))
                // A second look, a second wish: it goes on.
                try await fixture.control.drain("worker-2")
                #expect(kill(pid, 0) == 0)
                #expect(creat(folder + "/done", 0o600) >= 0)
                #expect(
                    await eventually(within: .seconds(60)) { await fixture.status("worker-2")?.state == .stopped }
                        != nil)
                #expect(await fixture.status("worker-2")?.lastFailure == nil)
                try await fixture.control.start("worker-2")
                #expect(await fixture.status("worker-2")?.state == .ready)
                let error = await #expect(throws: PrivateStackError.self) {
                    try await fixture.control.drain("scheduler")
                }
                #expect(error?.code == .conflict)
            }
        }
    }

    @Test func theEndOfTheStackEndsADrainToo() async throws {
        try await withTemporaryFolder { folder in
            let state = folder + "/state"
            try await StackFixture.with(state, drainLimit: .seconds(1), plan: plan(folder)) { fixture in
                #expect(await eventually(within: .seconds(60)) { access(folder + "/trapped-1", F_OK) == 0 } != nil)
                let pid = try #require(try fixture.pid("worker-1"))
                try await fixture.control.drain("worker-1")
                fixture.stack.requestStop()
                #expect(await eventually(within: .seconds(60)) { kill(pid, 0) != 0 } != nil)
            }
        }
    }
}
