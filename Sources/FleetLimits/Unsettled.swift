import FleetCore
import Synchronization

/// Settlements that Redis did not answer. Until they get through, a finished call counts as one in flight, and usage
/// beyond its estimate is not counted. Settling twice changes nothing: the first time takes the call out of flight.
final class Unsettled: Sendable {
    typealias Request = (key: RateLimitKey, operation: LimiterOperation)

    /// A Redis that is away for longer than this many calls take has expired their reservations when it comes back.
    private static let limit = 10_000

    private let requests = Mutex<[Request]>([])

    func keep(_ answered: Zip2Sequence<[Request], [Result<LimiterAnswer, any Error>]>) {
        requests.withLock { requests in
            for (request, answer) in answered where !request.operation.asksForCapacity && requests.count < Self.limit {
                if case .failure = answer { requests.append(request) }
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
