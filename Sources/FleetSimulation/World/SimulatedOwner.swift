import FleetCore
import Synchronization

/// Whoever hands tasks in, and changes their mind later.
final class SimulatedOwner: Sendable {
    private let fleet: SimulatedFleet
    private let heard = Mutex<[String]>([])

    init(of fleet: SimulatedFleet) {
        self.fleet = fleet
    }

    /// Submissions whose acceptance was heard.
    var accepted: [String] { heard.withLock { $0 } }

    /// Hands a task in and tries again until it is told that it was accepted.
    func submit(_ submission: SimulationPlan.Submission) {
        let owner = SimulatedProcess(name: "owner", world: fleet.world)
        guard let server = fleet.servers[.database] else { return }
        let link = NetworkPath(from: owner, to: server, dice: fleet.dice)
        let task = NewTask(
            id: submission.taskID, userID: submission.userID,
            submission: TaskSubmission(
                title: "A task", description: "What has to be done, at length.", priority: submission.priority))
        fleet.world.start { [database = fleet.database] in
            while true {
                do {
                    try await link.call { database.submit([task]) }
                    break
                } catch {
                    await owner.pause(for: .milliseconds(500))
                }
            }
            self.heard.withLock { $0.append(task.id) }
            self.fleet.wakeScheduler()
        }
    }

    /// Asks for something else of a task.
    func change(_ change: SimulationPlan.Change) {
        switch change.kind {
        case .cancel: fleet.database.cancel(change.taskID)
        case .retry: fleet.database.retry(change.taskID)
        case .revise(let scope):
            fleet.database.revise(
                change.taskID, revisionID: "rev_\(change.taskID)_\(change.at)",
                RevisionRequest(request: "Better.", scope: scope))
        }
        fleet.wakeScheduler()
    }
}
