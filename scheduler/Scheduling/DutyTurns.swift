import FleetCore
import FleetMetrics
import Synchronization

/// When each duty last came round: a loop that stands says nothing of itself.
final class DutyTurns: Sendable {
    private let times = Mutex<[SchedulerDuty: Duration]>([:])

    /// From now on these are expected.
    func expect(_ duties: [SchedulerDuty], at now: Duration) {
        times.withLock { times in for duty in duties { times[duty] = now } }
    }

    /// Of a duty that nobody expects nothing is kept.
    func note(_ duty: SchedulerDuty, at now: Duration) {
        times.withLock { times in if times[duty] != nil { times[duty] = now } }
    }

    func ages(at now: Duration) -> [SchedulerTurn] {
        times.withLock { times in
            times.map { SchedulerTurn(duty: $0.key.rawValue, age: max(.zero, now - $0.value)) }
        }.sorted { $0.duty < $1.duty }
    }
}
