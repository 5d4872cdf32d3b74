import Autoscaling
import FleetCore
import Testing

/// What counts: work that may go out now.
struct TypeBacklogTests {
    private func type(
        _ waiting: [Priority: TypeBacklog.Waiting], isClosed: Bool = false, dispatched: Int = 0, parked: Int = 0
    ) -> TypeBacklog {
        TypeBacklog(
            agentType: "t", role: .specialist, isClosed: isClosed, waiting: waiting, dispatched: dispatched,
            parked: parked)
    }

    @Test func readyAndDispatchedStepsCountAndParkedOnesDoNot() {
        let backlog = type(
            [.high: .init(ready: 3), .low: .init(ready: 300)], dispatched: 5, parked: 1000)
        #expect(backlog.admissible(places: 64) == 308)
        #expect(backlog.backlog == 1308)
    }

    @Test func ofAPausedTypeOnlyTheTicketsThatAreOutCount() {
        let backlog = type([.medium: .init(ready: 500)], isClosed: true, dispatched: 7)
        #expect(backlog.admissible(places: 64) == 7)
        #expect(backlog.backlog == 507)
    }

    /// As dispatch: more urgent steps still go out.
    @Test func behindAFullLimitNothingOfTheSameOrALowerPriorityCounts() {
        let backlog = type(
            [
                .urgent: .init(ready: 4), .medium: .init(ready: 1000, forCapacity: 65), .low: .init(ready: 1000),
            ], parked: 65)
        #expect(backlog.admissible(places: 64) == 4)
    }

    @Test func aFewThatWaitForCapacityBlockNothing() {
        #expect(type([.medium: .init(ready: 1000, forCapacity: 31)]).admissible(places: 64) == 1000)
    }

    /// One place more or less makes a step more or less, not everything or nothing.
    @Test func nearAFullLimitOnlyThePlacesThatAreLeftCount() {
        let counts = (32...66).map { type([.medium: .init(ready: 5000, forCapacity: $0)]).admissible(places: 64) }
        #expect(counts == (32...64).map { 64 - $0 } + [0, 0])
    }

    @Test func whoWaitsForCapacityBlocksLowerPrioritiesToo() {
        let backlog = type([.urgent: .init(ready: 5, forCapacity: 60), .low: .init(ready: 100)])
        #expect(backlog.admissible(places: 64) == 8)
    }
}
