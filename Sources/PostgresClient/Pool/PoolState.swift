/// Who has which connection and who waits: the pool's decisions, without threads or sockets.
///
/// Slots are numbers below the limit. A returned slot goes to the longest-waiting caller; otherwise the most recently
/// used free slot is lent next, so that connections beyond the need stay idle.
struct PoolState {
    typealias Slot = Int
    typealias Waiter = UInt64

    enum Acquisition: Equatable {
        case lend(Slot)
        case wait
        case refuse
    }

    enum Release: Equatable {
        case lend(Slot, to: Waiter)
        case keep
        /// The pool is shut down and this was the last slot out.
        case drained
    }

    private let limit: Int
    private var opened = 0
    private var free: [Slot] = []
    private var lent: Set<Slot> = []
    /// Arrival order; callers that gave up are only gone from `waiting`.
    private var queue: [Waiter] = []
    private var head = 0
    private var waiting: Set<Waiter> = []
    private(set) var isShutDown = false

    init(limit: Int) {
        self.limit = max(1, limit)
    }

    var lentCount: Int { lent.count }
    var waitingCount: Int { waiting.count }

    /// A free slot, if there is one and nobody has to be refused.
    mutating func acquireFree() -> Slot? {
        guard !isShutDown, let slot = free.popLast() ?? openSlot() else { return nil }
        lent.insert(slot)
        return slot
    }

    mutating func acquire(_ waiter: Waiter) -> Acquisition {
        guard !isShutDown else { return .refuse }
        if let slot = acquireFree() { return .lend(slot) }
        queue.append(waiter)
        waiting.insert(waiter)
        return .wait
    }

    /// A caller stops waiting; false if it has been lent a slot already.
    mutating func withdraw(_ waiter: Waiter) -> Bool {
        waiting.remove(waiter) != nil
    }

    mutating func release(_ slot: Slot) -> Release {
        guard lent.contains(slot) else { return .keep }
        if let waiter = nextWaiter() { return .lend(slot, to: waiter) }
        lent.remove(slot)
        free.append(slot)
        return isShutDown && lent.isEmpty ? .drained : .keep
    }

    /// Refuses further callers.
    ///
    /// - Returns: the callers that wait, to be refused, and whether no slot is lent.
    mutating func shutDown() -> (refused: [Waiter], isDrained: Bool) {
        isShutDown = true
        var refused: [Waiter] = []
        while let waiter = nextWaiter() { refused.append(waiter) }
        return (refused, lent.isEmpty)
    }

    private mutating func openSlot() -> Slot? {
        guard opened < limit else { return nil }
        opened += 1
        return opened - 1
    }

    private mutating func nextWaiter() -> Waiter? {
        while head < queue.count {
            let waiter = queue[head]
            head += 1
            if waiting.remove(waiter) != nil {
                // Moving the rest up now and then keeps the queue as long as the waiting are, at constant cost.
                if head > 64, head * 2 > queue.count {
                    queue.removeFirst(head)
                    head = 0
                }
                return waiter
            }
        }
        queue.removeAll(keepingCapacity: true)
        head = 0
        return nil
    }
}
