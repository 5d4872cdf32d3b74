import AsyncPrimitives
import FleetCore
import Logging

/// How duties are carried out: a failed round is told of and tried again, until the scheduler is told to stop.
struct Rounds: Sendable {
    let stopped: OneShot
    let time: any Timekeeper
    let logger: Logger

    /// Nobody waits for another round.
    var areOver: Bool { stopped.isOpen || Task.isCancelled }

    /// One round; whoever calls begins the next one.
    func attempt(_ what: String, _ round: () async throws -> Void) async {
        do {
            try await round()
        } catch {
            guard !areOver else { return }
            logger.error("\(what) failed, will be tried again", metadata: ["error": "\(error)"])
            try? await time.sleep(for: .milliseconds(200))
        }
    }

    /// Repeats until it works; throws only when the scheduler is told to stop.
    func persist(_ what: String, _ body: () async throws -> Void) async throws {
        var pause: Duration = .milliseconds(100)
        while true {
            do {
                return try await body()
            } catch {
                guard !areOver else { throw error }
                logger.error("\(what) failed, will be tried again", metadata: ["error": "\(error)"])
                try? await time.sleep(for: pause)
                pause = min(pause * 2, .seconds(2))
            }
        }
    }
}
