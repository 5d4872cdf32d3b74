import Autoscaling
import FleetCore
import Testing

struct WorkerTableTests {
    @Test(arguments: [
        (0, 2), (10, 2), (11, 5), (50, 5), (51, 10), (200, 10), (201, 20), (5_000, 20), (Int.max, 20),
    ])
    func theSpecifiedTableHolds(steps: Int, workers: Int) {
        #expect(WorkerTable.specified.workers(for: steps) == workers)
    }

    @Test func aTableThatFallsIsNone() {
        #expect(WorkerTable([.init(upTo: 10, workers: 3), .init(upTo: 10, workers: 4)], most: 9) == nil)
        #expect(WorkerTable([.init(upTo: 10, workers: 3), .init(upTo: 20, workers: 2)], most: 9) == nil)
        #expect(WorkerTable([.init(upTo: 10, workers: 3)], most: 2) == nil)
        #expect(WorkerTable([.init(upTo: -1, workers: 3)], most: 4) == nil)
        #expect(WorkerTable([], most: 4)?.workers(for: 0) == 4)
    }

    @Test func boundsHold() {
        #expect(WorkerBounds(minimum: 3, maximum: 2) == nil)
        #expect(WorkerBounds(minimum: -1, maximum: 2) == nil)
        #expect(WorkerBounds(minimum: 0, maximum: 4).map { [0, 3, 9].map($0.clamp) } == [0, 3, 4])
        #expect(WorkerBounds.specified(for: .specialist) == WorkerBounds(minimum: 10, maximum: 50))
        #expect(WorkerBounds.specified(for: .analyst) == WorkerBounds(minimum: 2, maximum: 5))
    }
}
