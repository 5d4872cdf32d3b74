import Autoscaling
import Testing

struct WorkerLoadTests {
    @Test func theLeastPaidWorkGoesFirstThenTheYoungest() {
        let workers = [
            WorkerLoad(name: "busy", running: 9, startedAt: 9), WorkerLoad(name: "old", running: 0, startedAt: 1),
            WorkerLoad(name: "young", running: 0, startedAt: 8), WorkerLoad(name: "some", running: 2, startedAt: 7),
            WorkerLoad(name: "new", running: nil, startedAt: .max),
        ]
        #expect(WorkerLoad.drainOrder(workers).map(\.name) == ["new", "young", "old", "some", "busy"])
    }

    @Test func runningStepsFillWorkersInPart() {
        #expect([0, 1, 10, 15, 40].map { WorkerLoad.occupied(running: $0, slots: 10) } == [0, 0.1, 1, 1.5, 4])
        #expect(WorkerLoad.occupied(running: 5, slots: 0) == 0)
    }

    @Test func aLookThatTakesLongIsMadeLessOften() {
        #expect(ReadingPace.pause(interval: .seconds(1), took: .milliseconds(20)) == .milliseconds(980))
        #expect(ReadingPace.pause(interval: .seconds(1), took: .seconds(1)) == .seconds(4))
    }
}
