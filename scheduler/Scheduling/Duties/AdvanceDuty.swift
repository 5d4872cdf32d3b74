import AsyncPrimitives
import FleetCore
import FleetMetrics
import FleetTracing
import Logging

/// Moves tasks that something happened to through the workflow, and takes up new ones.
struct AdvanceDuty: Sendable {
    /// Others are done with a task in less; doubled each time that they are not.
    private static let postponement: Duration = .milliseconds(5)
    private static let longestPostponement: Duration = .milliseconds(40)

    let store: any WorkflowStore
    let workflow: Workflow
    let load: FleetLoad
    let issuer: TicketIssuer
    let announcer: EventAnnouncer
    let metrics: SchedulerMetrics
    let spans: SchedulerSpans
    let rounds: Rounds
    /// Wake-ups per transaction.
    let limit: Int
    /// Tickets per queue and transaction.
    let dispatchLimit: Int
    /// Given when there is more than one loop takes at once.
    let backlog: Nudge
    /// Given when steps were made that did not go out along with them.
    let dispatch: Nudge

    /// Several of these loops may run: tasks are locked, and what one has taken the others skip.
    func run(on nudge: Nudge) async {
        await withDiscardingTaskGroup { publishing in
            for await _ in nudge.all {
                await rounds.attempt(.advance) {
                    var postponement = Self.postponement
                    while !rounds.areOver {
                        let report = try await runOnce()
                        guard !report.isEmpty else { break }
                        // Tasks do not wait for the broker.
                        publishing.addTask {
                            await rounds.attempt(.publish) { try await issuer.issue(report.tickets) }
                        }
                        if report.postponed > 0 && report.advanced == 0 {
                            // Somebody holds them for long: the tick comes back to them.
                            guard postponement <= Self.longestPostponement else { break }
                            try await rounds.time.sleep(for: postponement)
                            postponement *= 2
                        } else if report.postponed == 0 && report.admitted == 0 && report.wakeUps < limit {
                            break
                        } else {
                            postponement = Self.postponement
                        }
                        if report.wakeUps == limit { backlog.give() }
                    }
                }
            }
        }
    }

    /// One transaction. Its tickets are the caller's to issue.
    func runOnce() async throws -> AdvanceReport {
        let start = rounds.time.now
        let load = load.current
        let report = try await store.advance(limit: limit, dispatchLimit: dispatchLimit) {
            [workflow] snapshot, nextStepID in
            workflow.advance(snapshot, Workflow.Context(load: load, nextStepID: nextStepID))
        }
        rounds.turned(.advance)
        guard !report.isEmpty else { return report }
        for (taskID, problem) in report.stalled {
            rounds.logger.error(
                "a task cannot be advanced and is set aside until the next sweep",
                metadata: TaskLogFields.of(task: taskID).merging(["error": "\(problem)"]) { $1 })
        }
        // Usually everything went out along with the advance; queues that another scheduler was filling did not.
        if report.newSteps > report.tickets.count { dispatch.give() }
        let now = rounds.time.now
        metrics.advanced(report, duration: now - start, at: now)
        spans.ended(report.finished)
        for task in report.finished { tell(of: task) }
        announcer.announce(report.events, at: now)
        return report
    }

    /// One line per task: where whoever looks for one begins.
    private func tell(of task: FinishedTask) {
        rounds.logger.info(
            "task ended",
            metadata: TaskLogFields.of(task: task.taskID).merging([
                "status": .string(task.status.rawValue), "priority": .string(task.priority.rawValue),
            ]) { $1 })
    }
}
