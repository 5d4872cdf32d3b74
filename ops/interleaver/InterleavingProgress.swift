import FleetInterleaver
import Glibc
import Synchronization

/// Which seeds are still to be run, and what the others came to; says so as it goes.
final class InterleavingProgress: Sendable {
    private struct Sums {
        var next: UInt64
        var runs = 0
        var failed = 0
        var statements = 0
        var steps = 0
        var claims = 0
    }

    private static let step = 100

    private let end: UInt64
    private let endsWithFirstFailure: Bool
    private let start = ContinuousClock.now
    private let sums: Mutex<Sums>

    /// - Parameter isOver: with the first seed that fails.
    init(seeds: Range<UInt64>, isOver endsWithFirstFailure: Bool) {
        end = seeds.upperBound
        self.endsWithFirstFailure = endsWithFirstFailure
        sums = Mutex(Sums(next: seeds.lowerBound))
    }

    func next() -> UInt64? {
        sums.withLock { sums in
            guard sums.next < end, !(endsWithFirstFailure && sums.failed > 0) else { return nil }
            defer { sums.next += 1 }
            return sums.next
        }
    }

    func add(_ report: InterleavingReport) {
        let isMilestone = sums.withLock { sums in
            sums.runs += 1
            sums.statements += report.statements
            sums.steps += report.steps
            sums.claims += report.claims
            if !report.violations.isEmpty { sums.failed += 1 }
            return sums.runs % Self.step == 0
        }
        let seed = report.plan.seed
        for violation in report.violations.prefix(3) { print("seed \(seed): \(violation)") }
        if isMilestone { print(summary) }
        fflush(nil)
    }

    var isWell: Bool { sums.withLock { $0.failed == 0 } }

    var summary: String {
        let elapsed = ContinuousClock.now - start
        return sums.withLock { sums in
            "\(sums.runs) seeds, \(sums.failed) with violations; \(sums.statements) statements, "
                + "\(sums.steps) steps, \(sums.claims) claims in \(elapsed.components.seconds) s"
        }
    }
}
