import FleetCore
import Synchronization

/// Settlements that Redis did not answer. Until they get through, a finished call counts as one in flight, and usage
/// beyond its estimate is not counted.
///
/// Settling a call twice changes nothing: the first time takes it out of flight. What else a settlement says is left out,
/// it was true then. So are grants that were given back: the same holder may have another one by now.
final class Unsettled: Sendable {
    typealias Request = (key: RateLimitKey, operation: LimiterOperation)

    /// A Redis that is away for longer than this many calls take has expired their reservations when it comes back.
    private static let limit = 10_000

    private let requests = Mutex<[Request]>([])

    func keep(_ answered: Zip2Sequence<[Request], [Result<LimiterAnswer, any Error>]>) {
        requests.withLock { requests in
            for (request, answer) in answered where requests.count < Self.limit {
                guard case .failure = answer, case .settle(let reservation, let usage?, _, _) = request.operation
                else { continue }
                let operation = LimiterOperation.settle(
                    reservation, usage: usage, reported: ReportedLimits(), cooldown: nil)
                requests.append((request.key, operation))
            }
        }
    }

    func take() -> [Request] {
        requests.withLock { requests in
            defer { requests = [] }
            return requests
        }
    }
}
