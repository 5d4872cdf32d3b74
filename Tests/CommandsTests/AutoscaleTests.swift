import ArgumentParser
import JSON
import Testing

@testable import Commands
@testable import FleetStore
@testable import PrivateStack

/// Which workers of this machine are started and let go.
struct AutoscaleTests {
    private func status(_ workers: [(String, StackStatus.Process.State)]) -> StackStatus {
        StackStatus(
            state: .ready, pid: 1, stateDirectory: "/x",
            processes: [process("scheduler", .scheduler, .stopped)] + workers.map { process($0.0, .worker, $0.1) })
    }

    private func process(
        _ name: String, _ role: StackRole, _ state: StackStatus.Process.State
    ) -> StackStatus.Process {
        StackStatus.Process(
            name: name, role: role, state: state, pid: nil, uptimeSeconds: nil, restarts: 0, lastFailure: nil,
            metricsURL: nil)
    }

    private func row(_ name: String, running: Int, startedAt: Int, slots: Int = 10, isDraining: Bool = false)
        -> ScalingReader.Worker
    {
        ScalingReader.Worker(
            name: name, agentTypes: [name], slots: slots, running: running, isDraining: isDraining,
            startedAt: startedAt)
    }

    @Test func workersThatDrainOrHaveStoppedAreNotKept() {
        let workers = LocalFleet.Workers(
            status([
                ("worker-1", .ready), ("worker-2", .backingOff), ("worker-3", .stopping), ("worker-4", .stopped),
                ("worker-5", .starting),
            ]))
        #expect(workers.kept == ["worker-1", "worker-2", "worker-5"])
        #expect(workers.draining == ["worker-3"] && workers.stopped == ["worker-4"])
    }

    /// What was asked for a moment ago is not asked for again.
    @Test func startsThatAreUnderWayCount() {
        let workers = LocalFleet.Workers(
            status([("worker-1", .ready), ("worker-2", .stopped)]), starting: ["worker-2", "worker-3"])
        #expect(workers.kept == ["worker-1", "worker-2", "worker-3"] && workers.stopped.isEmpty)
    }

    @Test func stoppedWorkersComeBackBeforeNewOnesAreMade() {
        let workers = LocalFleet.Workers(
            status([
                ("worker-1", .ready), ("worker-10", .stopped), ("worker-2", .stopped), ("worker-11", .stopping),
            ]))
        #expect(workers.next(1).stopped == ["worker-2"] && workers.next(1).fresh.isEmpty)
        #expect(workers.next(4).stopped == ["worker-2", "worker-10"] && workers.next(4).fresh == [12, 13])
    }

    @Test func theLeastBusyGoesFirstAndNobodyElsesRowDecides() {
        let rows = [
            row("worker-1", running: 5, startedAt: 1), row("worker-2", running: 0, startedAt: 2),
            row("worker-3", running: 0, startedAt: 3), row("worker-9", running: 0, startedAt: 9),
            // Another machine's worker of the same name, or an earlier life of ours.
            row("worker-3", running: 8, startedAt: 1),
        ]
        #expect(
            LocalFleet.drainOrder(["worker-1", "worker-2", "worker-3", "worker-4"], rows)
                == ["worker-4", "worker-2", "worker-1", "worker-3"])
        #expect(LocalFleet.occupied(["worker-1", "worker-2"], rows) == 0.5)
        #expect(LocalFleet.servedTypes(["worker-1", "worker-2"], rows) == ["worker-1", "worker-2"])
        #expect(LocalFleet.servedTypes(["worker-4"], rows) == nil)
    }

    @Test(arguments: [["--min", "5", "--max", "4"], ["--min", "-1"], ["--max", "257"]])
    func boundsThatAreNoneAreAUsageError(arguments: [String]) {
        #expect(throws: (any Error).self) { try MixMyAI.parseAsRoot(["autoscale"] + arguments) }
    }

    @Test func aLineSaysWhatAndWhy() throws {
        var line = AutoscaleLine(.out, "5000 of 5000\nwait", from: 2, to: 20)
        line.at = 1_000_000
        #expect(line.text == "1970-01-01 00:00:01  out  2 -> 20: 5000 of 5000 wait")
        #expect(
            line.json.serialized()
                == #"{"at":"1970-01-01T00:00:01Z","event":"out","from":2,"to":20,"worker":null,"#
                + #""reason":"5000 of 5000\nwait"}"#)
    }
}
