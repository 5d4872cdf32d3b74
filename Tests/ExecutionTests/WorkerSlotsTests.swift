import FleetCore
import Testing

@testable import Execution

@Suite struct WorkerSlotsTests {
    private func ticket(_ id: Int) -> WorkerSlots.Pending { ticket(id, tag: id) }

    private func ticket(_ id: Int, tag: Int, _ priority: Priority = .medium) -> WorkerSlots.Pending {
        WorkerSlots.Pending(
            stepID: id, delivery: DeliveryID(generation: 1, tag: UInt64(tag)), isRedelivered: false,
            priority: priority.brokerPriority)
    }

    /// A worker may hold hundreds of tickets: what comes last and is urgent does not wait for them.
    @Test func theMostUrgentTicketHasTheNextPlaceAndTheLeastUrgentGoBack() {
        var slots = WorkerSlots(total: 8)
        slots.add((1...12).map { ticket($0, tag: $0, .low) })
        _ = slots.take(limit: 8)
        slots.add([
            ticket(13, tag: 13), ticket(14, tag: 14, .urgent), ticket(15, tag: 15), ticket(16, tag: 16, .urgent),
        ])
        _ = slots.tick()
        #expect(slots.tick().map(\.tag) == [16, 13, 15, 9, 10, 11, 12])
        slots.release()
        #expect(slots.take(limit: 8).map(\.stepID) == [14])
    }

    @Test func noMoreIsTakenThanThereArePlaces() {
        var slots = WorkerSlots(total: 3)
        slots.add((1...5).map(ticket))
        #expect(slots.take(limit: 10).map(\.stepID) == [1, 2, 3])
        #expect(slots.take(limit: 10).isEmpty)
        slots.release(2)
        #expect(slots.take(limit: 1).map(\.stepID) == [4])
        #expect(slots.free == 1)
    }

    /// Keeps a few for the places that become free next, and asks for more as soon as those are used up: for a few of each
    /// queue, not for a flood that it would have to give back.
    @Test func aWorkerThatStaysFullGivesItsTicketsToOthersAndResumesAtTheFirstFreePlace() {
        var slots = WorkerSlots(total: 16, queues: 26)
        slots.add((1...40).map(ticket))
        _ = slots.take(limit: 16)
        #expect(slots.tick().isEmpty)
        #expect(slots.tick().map(\.tag) == (19...40).map { UInt64($0) })
        #expect(slots.demand == .none)
        // The cushion first.
        slots.release(2)
        #expect(slots.demand == .none)
        #expect(slots.take(limit: 16).map(\.stepID) == [17, 18])
        slots.release()
        #expect(slots.demand == .few(1))
    }

    /// The tickets of one queue alone have to be able to fill a worker.
    @Test func aWorkerWithFreePlacesAsksForAllThereIs() {
        var slots = WorkerSlots(total: 8)
        slots.add((1...20).map(ticket))
        _ = slots.take(limit: 8)
        _ = slots.tick()
        _ = slots.tick()
        slots.release()
        _ = slots.take(limit: 8)
        slots.release()
        #expect(slots.demand == .few(1))
        // A ticket may be on its way.
        #expect(slots.tick().isEmpty)
        #expect(slots.demand == .few(1))
        _ = slots.tick()
        #expect(slots.demand == .all)
    }

    /// Nothing is given back as long as no more wait than it keeps.
    @Test func aFullWorkerWithACushionGoesOnConsuming() {
        var slots = WorkerSlots(total: 8)
        slots.add((1...9).map(ticket))
        _ = slots.take(limit: 8)
        for _ in 0..<5 { #expect(slots.tick().isEmpty) }
        #expect(slots.demand == .all)
    }

    @Test func aSuspectIsClearedOnceItProvesAlive() {
        var slots = WorkerSlots(total: 4)
        let isHeld = slots.suspect(ticket(1), lastHeartbeat: 100)
        #expect(isHeld)
        slots.recheckSuspects()
        #expect(slots.take(limit: 4).map(\.stepID) == [1])
        let isStillQuiet = slots.suspect(ticket(1), lastHeartbeat: 100)
        #expect(isStillQuiet)
        // One heartbeat may have been on its way when its sender died.
        let isStillOpen = slots.suspect(ticket(1), lastHeartbeat: 101)
        #expect(isStillOpen)
        let isStillQuietAgain = slots.suspect(ticket(1), lastHeartbeat: 101)
        #expect(isStillQuietAgain)
        let isOpen = slots.suspect(ticket(1), lastHeartbeat: 102)
        #expect(!isOpen)
        #expect(slots.suspects.isEmpty)
    }

    @Test func suspicionEndsAfterItsRounds() {
        var slots = WorkerSlots(total: 4)
        var rounds = 0
        while slots.suspect(ticket(1), lastHeartbeat: 100) { rounds += 1 }
        #expect(rounds == 21)
    }

    @Test func noDeliveryOfASuspectsStepIsLeftUnacknowledged() {
        var slots = WorkerSlots(total: 4)
        let (first, second) = (ticket(1, tag: 10), ticket(1, tag: 11))
        let isOpen = slots.suspect(first, lastHeartbeat: 100)
        #expect(isOpen)
        // A second ticket of the same step is one too many.
        let isSecondOpen = slots.suspect(second, lastHeartbeat: 100)
        #expect(!isSecondOpen)
        // Whichever ticket decides the matter, the one that was remembered is named.
        let left = slots.clearSuspect(second)
        #expect(left == first.delivery)
        #expect(slots.suspects.isEmpty)

        let isAgainOpen = slots.suspect(first, lastHeartbeat: 100)
        #expect(isAgainOpen)
        #expect(slots.drain() == [first.delivery])
    }

    @Test func aDrainingWorkerTakesNothingAndGivesBackWhatWaits() {
        var slots = WorkerSlots(total: 2)
        slots.add((1...3).map(ticket))
        #expect(slots.drain().count == 3)
        slots.add([ticket(4)])
        #expect(slots.take(limit: 5).isEmpty)
        #expect(slots.tick().isEmpty)
    }
}
