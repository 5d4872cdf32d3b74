import FleetCore
import Synchronization

/// What Redis did not answer and has to hear all the same.
///
/// - Settlements: until they get through, usage beyond the estimate is not counted. Settling a call twice changes nothing:
///   the first time takes it out of flight. What else a settlement says is left out, it was true then. So are grants that
///   were given back: the same holder may have another one by now.
/// - Reservations: they may have been granted, perhaps only now that Redis goes on, and nobody will use or settle them. A
///   caller that got no answer does not ask again in the same name.
final class SettlementOutbox: Sendable {
    typealias Request = (key: RateLimitKey, operation: LimiterOperation)

    /// A Redis that is away for longer than this many calls take has expired their reservations when it comes back.
    private static let limit = 10_000

    private let requests = Mutex<[Request]>([])

    func keep(_ answered: Zip2Sequence<[Request], [Result<LimiterAnswer, any Error>]>) {
        requests.withLock { requests in
            for (request, answer) in answered where requests.count < Self.limit {
                guard case .failure = answer else { continue }
                switch request.operation {
                case .settle(let reservation, let usage?, _):
                    requests.append((request.key, .settle(reservation, usage: usage, cooldown: nil)))
                case .reserve(let estimate, let holder, _), .takeBack(let estimate, let holder):
                    requests.append((request.key, .takeBack(estimate, holder: holder)))
                // Said again, or out of date.
                case .settle, .renew, .learn: break
                }
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
