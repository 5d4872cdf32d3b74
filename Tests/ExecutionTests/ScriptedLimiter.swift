import FleetCore
import Synchronization

/// Gives its answers in order, then grants; notes what calls are settled with.
final class ScriptedLimiter: RateLimiter {
    private let answers: Mutex<[ReservationDecision?]>
    let usages = Mutex<[TokenUsage?]>([])

    init(_ answers: [ReservationDecision?] = []) { self.answers = Mutex(answers) }

    func reserve(
        _ key: RateLimitKey, estimate: TokenEstimate, holder: String, holdsTurn: Bool, expiresAfter: Duration
    ) async throws -> ReservationDecision {
        let answer = answers.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        return answer ?? .granted(Reservation(key: key, estimate: estimate, holder: holder, cell: "0"))
    }

    func use(_ settings: [LimitSetting]) {}
    func learn(_ key: RateLimitKey, _ reported: ReportedLimits) {}

    func settle(_ reservation: Reservation, usage: TokenUsage?, cooldown: Duration?) {
        usages.withLock { $0.append(usage) }
    }
}
