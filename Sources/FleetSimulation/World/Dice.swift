import FleetTesting
import Synchronization

/// The simulation's random numbers, all from one seed.
final class Dice: Sendable {
    private let generator: Mutex<SeededGenerator>

    init(seed: UInt64) {
        generator = Mutex(SeededGenerator(seed: seed))
    }

    func chance(_ probability: Double) -> Bool {
        probability > 0 && fraction() < probability
    }

    /// 0..<1.
    func fraction() -> Double {
        generator.withLock { Double.random(in: 0..<1, using: &$0) }
    }

    func int(in range: ClosedRange<Int>) -> Int {
        generator.withLock { Int.random(in: range, using: &$0) }
    }

    func pick<Element: Sendable>(_ elements: [Element]) -> Element? {
        elements.isEmpty ? nil : elements[int(in: 0...elements.count - 1)]
    }

    /// Evenly between two durations.
    func duration(_ shortest: Duration, _ longest: Duration) -> Duration {
        shortest + (longest - shortest) * fraction()
    }

    func seed() -> UInt64 {
        generator.withLock { $0.next() }
    }
}
