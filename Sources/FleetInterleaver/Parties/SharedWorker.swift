import FleetCore
import FleetStore
import Synchronization

/// A worker's memory, shared by those who act for it.
final class SharedWorker: Sendable {
    struct Held {
        var step: ClaimedStep
        var worker: Int
        /// The rows may say that it waits for a limit: it does not call before that is taken back.
        var isWaiting = false
    }

    struct GiveBack {
        var ids: [Int]
        var worker: Int
        var claimedBefore: Int
    }

    struct Memory {
        /// Of the present incarnation.
        var id: Int
        var held: [Held] = []
        /// Steps whose settlement is under way.
        var settling: Set<Int> = []
        /// Steps of claims whose answer was lost.
        var uncertainClaims: Set<Int> = []
        /// Steps that a call was given up on is to give back, late.
        var late: [GiveBack] = []
        /// What the database's clock said at the last heartbeat.
        var databaseTime: Int?
    }

    let memory: Mutex<Memory>
    let number: Int

    init(number: Int, id: Int) {
        self.number = number
        memory = Mutex(Memory(id: id))
    }

    var id: Int { memory.withLock { $0.id } }
}

extension SharedWorker.Memory {
    /// Not running here, as far as the worker knows.
    var uncertain: [Int] {
        uncertainClaims.filter { id in !settling.contains(id) && !held.contains { $0.step.stepID == id } }.sorted()
    }
}
