import FleetCore
import Testing

@Suite struct CadenceTests {
    @Test func somethingHappensAtOnceAndThenOncePerInterval() {
        var cadence = Cadence(every: .seconds(2))
        let due = [7, 8, 9, 10, 13].filter { cadence.isDue(at: .seconds($0)) }
        #expect(due == [7, 9, 13])
    }
}
