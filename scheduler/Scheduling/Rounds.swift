import AsyncPrimitives
import FleetCore
import FleetMetrics
import Logging

/// How duties are carried out: a failed round is told of and tried again, until the scheduler is told to stop.
struct Rounds: Sendable {
    let stopped: OneShot
    let metrics: SchedulerMetrics
    let time: any Timekeeper
    let logger: Logger
    let turns = DutyTurns()

    /// Nobody waits for another round.
    var areOver: Bool { stopped.isOpen || Task.isCancelled }

    /// One round; whoever calls begins the next one.
    func attempt(_ duty: SchedulerDuty, _ round: () async throws -> Void) async {
        do {
            try await round()
            turned(duty)
        } catch {
            guard !areOver else { return }
            metrics.failed(duty)
            logger.error("\(duty.words) failed, will be tried again", metadata: ["error": "\(error)"])
            try? await time.sleep(for: .milliseconds(200))
        }
    }

    /// Of a round that has many parts, each time that one is done: under load it goes on for long.
    func turned(_ duty: SchedulerDuty) { turns.note(duty, at: time.now) }

    /// Repeats until it works; throws only when the scheduler is told to stop.
    func persist(_ duty: SchedulerDuty, _ body: () async throws -> Void) async throws {
        var pause: Duration = .milliseconds(100)
        while true {
            do {
                return try await body()
            } catch {
                guard !areOver else { throw error }
                metrics.failed(duty)
                logger.error("\(duty.words) failed, will be tried again", metadata: ["error": "\(error)"])
                try? await time.sleep(for: pause)
                pause = min(pause * 2, .seconds(2))
            }
        }
    }
}

extension SchedulerDuty {
    fileprivate var words: String {
        switch self {
        case .advance, .publish, .dispatch, .sweep: rawValue
        case .batches: "look after batches"
        case .release: "release parked steps"
        case .operations: "carry on operations"
        case .register: "register agents"
        case .deadTicket: "record a dead ticket"
        case .pulse: "tell of this scheduler"
        case .canaries: "look after canaries"
        }
    }
}
