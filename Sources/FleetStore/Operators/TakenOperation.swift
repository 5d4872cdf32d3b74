import FleetCore
import PostgresClient

/// An operation whose row this transaction holds, so that nobody else carries it on meanwhile.
struct TakenOperation {
    let id: String
    let model: String?
    let hasCanary: Bool
    let pace: ReplayPace

    /// Nil if it is not running, or somebody else has it.
    init?(id: String, session: PostgresSession) throws {
        let taken = try session.execute(OperationStatements.take, [.text(id)]).first { row in
            let (model, canary): (String?, Bool) = (try row("model"), try row("canary"))
            let (rate, elapsed, recent): (Int?, Double, Int) = (
                try row("rate_per_minute"), try row("elapsed"), try row("recent")
            )
            return (model, canary, ReplayPace(ratePerMinute: rate, elapsed: .seconds(elapsed), begun: recent))
        }
        guard let taken else { return nil }
        self.id = id
        (model, hasCanary, pace) = taken
    }

    /// How much of `room` a canary leaves; pauses the operation and returns nil if it has failed.
    func room(_ room: Int, _ verdict: CanaryVerdict, _ session: PostgresSession) throws -> Int? {
        switch verdict {
        case .passed: return room
        case .send: return min(room, 1)
        case .wait: return 0
        case .failed(let command):
            _ = try session.execute(OperationStatements.pauseAfterCanary, [.text(id), .text(command)])
            return nil
        }
    }
}
