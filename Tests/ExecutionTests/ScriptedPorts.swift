import FleetCore
import Synchronization

/// Gives its answers in order, and keeps what it was asked.
final class ScriptedCaller: ModelCaller {
    private let script: Mutex<[Result<String, ModelFailure>]>
    let requests = Mutex<[ModelRequest]>([])

    private let usage: ReportedUsage

    init(
        _ script: [Result<String, ModelFailure>],
        usage: ReportedUsage = ReportedUsage(TokenUsage(uncachedInputTokens: 10, outputTokens: 5))
    ) {
        self.script = Mutex(script)
        self.usage = usage
    }

    func call(_ request: ModelRequest) async throws(ModelFailure) -> ModelReply {
        requests.withLock { $0.append(request) }
        let next = script.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        switch next {
        case .success(let text): return ModelReply(text: text, usage: usage)
        case .failure(let failure): throw failure
        case nil: throw ModelFailure(.serverError, message: "the script is over")
        }
    }
}

/// A clock that goes on when it is told to.
final class ManualClock: Timekeeper {
    private let time = Mutex(Duration.zero)

    var now: Duration { time.withLock { $0 } }
    func pass(_ duration: Duration) { time.withLock { $0 += duration } }
    func sleep(for duration: Duration) async throws { pass(duration) }
}

/// Grants at once; the process is frozen for a minute before it hears of the first grant.
final class FreezingLimiter: RateLimiter {
    let clock = ManualClock()
    let log = Mutex([String]())

    func reserve(
        _ key: RateLimitKey, estimate: TokenEstimate, holder: String, holdsSlot: Bool, expiresAfter: Duration
    ) async throws -> ReservationDecision {
        if log.withLock({ $0.isEmpty }) { clock.pass(.seconds(60)) }
        log.withLock { $0.append("granted") }
        return .granted(Reservation(key: key, estimate: estimate, holder: holder, cell: "0"))
    }

    func use(_ settings: [LimitSetting]) {}
    func learn(_ key: RateLimitKey, _ reported: ReportedLimits) {}

    func settle(_ reservation: Reservation, usage: TokenUsage?, cooldown: Duration?) {
        log.withLock { $0.append(usage == nil ? "given back" : "used") }
    }
}

/// Grants, or decides as it is told.
struct OpenLimiter: RateLimiter {
    var decision: ReservationDecision?
    var fails = false

    func reserve(
        _ key: RateLimitKey, estimate: TokenEstimate, holder: String, holdsSlot: Bool, expiresAfter: Duration
    ) async throws -> ReservationDecision {
        if fails { throw CancellationError() }
        return decision ?? .granted(Reservation(key: key, estimate: estimate, holder: holder, cell: "0"))
    }

    func use(_ settings: [LimitSetting]) {}
    func learn(_ key: RateLimitKey, _ reported: ReportedLimits) {}

    func settle(_ reservation: Reservation, usage: TokenUsage?, cooldown: Duration?) {}
}

/// Gives its answers in order, then grants; notes what calls are settled with.
final class ScriptedLimiter: RateLimiter {
    private let answers: Mutex<[ReservationDecision?]>
    let usages = Mutex<[TokenUsage?]>([])

    init(_ answers: [ReservationDecision?] = []) { self.answers = Mutex(answers) }

    func reserve(
        _ key: RateLimitKey, estimate: TokenEstimate, holder: String, holdsSlot: Bool, expiresAfter: Duration
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
