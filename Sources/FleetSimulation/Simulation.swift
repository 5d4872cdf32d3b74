import FleetCore

/// One run of a plan, and what the oracle found.
package struct SimulationReport: Sendable {
    /// The plan's; with some of its faults left out, it does not name the run by itself.
    package var seed: UInt64
    /// Empty if every invariant held.
    package var violations: [Violation]
    /// How long the fleet ran, in its own time.
    package var simulated: Duration
    /// Tasks of the plan, ended or not.
    package var tasks: Int
    /// Steps that were created, in any state.
    package var steps: Int
    /// Requests that reached a simulated provider, answered or not.
    package var calls: Int
    /// The longest time in which no call was under way although tasks were open and nothing was wrong any more.
    package var longestPause: Duration
    /// A digest of everything that happened: equal for two runs of the same plan in one process.
    package var fingerprint: Int
}

/// An invariant that did not hold.
package struct Violation: Sendable, CustomStringConvertible {
    /// `I1` to `I12` of the architecture, `T` for takeover times, `L` for standstills, `B` for the books, or `A` for answers
    /// taken away.
    package var invariant: String
    /// What was seen instead, with the ids concerned.
    package var text: String

    /// One line, as the simulator prints it.
    package var description: String { "\(invariant): \(text)" }
}

/// Runs plans.
package enum Simulation {
    /// Longest run after everything was healed.
    private static let patience: Duration = .seconds(900)
    /// After the last task has ended: tickets that are left over are consumed, locks and timers run out.
    private static let aftermath: Duration = .seconds(10)

    /// Runs a plan to its end and judges it. Everything happens on the calling thread.
    package static func run(_ plan: SimulationPlan, bugs: Set<PlantedBug> = []) -> SimulationReport {
        let fleet = SimulatedFleet(plan, bugs: bugs)
        let (world, owner) = (fleet.world, SimulatedOwner(of: fleet))
        fleet.startAll()
        for submission in plan.submissions { world.after(submission.at) { owner.submit(submission) } }
        for change in plan.changes { world.after(change.at) { owner.change(change) } }
        for scheduled in plan.faults { world.after(scheduled.at) { scheduled.fault.inject(into: fleet) } }
        world.run(until: { false }, limit: max(plan.calm, plan.changes.map(\.at).max() ?? .zero))
        fleet.heal()
        let start = world.now
        let isAtRest = {
            owner.accepted.count == plan.submissions.count && fleet.database.isAtRest
        }
        let ended = world.run(until: isAtRest, limit: world.now + patience)
        let healed = start..<world.now
        world.run(until: { false }, limit: world.now + aftermath)
        var oracle = Oracle(plan: plan, fleet: fleet, accepted: owner.accepted)
        oracle.judge(ended: ended, healed: healed)
        fleet.shutDown()
        let isOver = world.run(until: { fleet.isOver }, limit: world.now + .seconds(300))
        if !isOver { oracle.note("I1", "a process did not end after SIGTERM") }
        return SimulationReport(
            seed: plan.seed, violations: oracle.violations, simulated: world.now, tasks: plan.submissions.count,
            steps: fleet.database.rows.steps.count, calls: fleet.provider.calls.count,
            longestPause: oracle.longestPause(healed).length, fingerprint: oracle.fingerprint)
    }

    /// The smallest set of faults that still fails, by leaving out one after another.
    package static func minimise(_ plan: SimulationPlan, bugs: Set<PlantedBug> = []) -> SimulationPlan {
        var kept = Array(0..<plan.faultCount)
        var index = 0
        while index < kept.count {
            var fewer = kept
            fewer.remove(at: index)
            if run(plan.keeping(faults: fewer), bugs: bugs).violations.isEmpty { index += 1 } else { kept = fewer }
        }
        return plan.keeping(faults: kept)
    }
}
