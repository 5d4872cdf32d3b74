import Testing

@testable import FleetCore

/// Names that sort as they were given.
@Suite struct TimedIDTests {
    @Test func theyHaveOneForm() {
        let ids = (0..<1000).map { _ in TimedID.make("task_") }
        #expect(Set(ids).count == 1000)
        #expect(ids.allSatisfy { $0.wholeMatch(of: /task_[0-9a-v]{20}/) != nil })
        // The year 2020 to 2300, as a range of ids.
        #expect(ids.allSatisfy { $0 > TimedID.start("task_", at: 1_577_836_800_000_000) })
        #expect(ids.allSatisfy { $0 < TimedID.start("task_", at: 10_413_792_000_000_000) })
    }

    @Test(arguments: [
        (0, "task_000000000"), (999, "task_000000000"), (1000, "task_000000001"), (32_000, "task_000000010"),
        (1_795_000_000_123_000, "task_1k7n5cnjr"), (-5, "task_000000000"),
    ])
    func aTimeIsItsMilliseconds(microseconds: Int, start: String) {
        #expect(TimedID.start("task_", at: microseconds) == start)
    }

    @Test func laterOnesAreGreaterByTheirBytes() {
        let times = [0, 1, 31, 32, 33, 1023, 1024, 1_795_000_000_000, 1_795_000_000_001, 1_795_000_000_032]
        let prefixes = times.map { TimedID.start("task_", at: $0 * 1000) }
        #expect(prefixes.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) } == prefixes)
    }
}
