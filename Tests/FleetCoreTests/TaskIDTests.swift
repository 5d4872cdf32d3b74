import Testing

@testable import FleetCore

/// Ids of tasks sort as the tasks came.
@Suite struct TaskIDTests {
    @Test func theyHaveOneForm() {
        let ids = (0..<1000).map { _ in TaskID.make() }
        #expect(Set(ids).count == 1000)
        #expect(ids.allSatisfy { $0.wholeMatch(of: /task_[0-9a-v]{20}/) != nil })
        // The year 2020 to 2300, as a range of ids.
        #expect(ids.allSatisfy { $0 > TaskID.prefix(at: 1_577_836_800_000_000) })
        #expect(ids.allSatisfy { $0 < TaskID.prefix(at: 10_413_792_000_000_000) })
    }

    @Test(arguments: [
        (0, "task_000000000"), (999, "task_000000000"), (1000, "task_000000001"), (32_000, "task_000000010"),
        (1_795_000_000_123_000, "task_1k7n5cnjr"), (-5, "task_000000000"),
    ])
    func aTimeIsItsMilliseconds(microseconds: Int, prefix: String) { #expect(TaskID.prefix(at: microseconds) == prefix) }

    @Test func laterOnesAreGreaterByTheirBytes() {
        let times = [0, 1, 31, 32, 33, 1023, 1024, 1_795_000_000_000, 1_795_000_000_001, 1_795_000_000_032]
        let prefixes = times.map { TaskID.prefix(at: $0 * 1000) }
        #expect(prefixes.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) } == prefixes)
    }
}
