import Synchronization

/// Step ids in hand: blocks of 64 from a sequence, so that a batch of hundreds costs a handful of calls.
struct StepIDs {
    /// Most steps that one advance of one task creates: a plan's worth, and one of the task itself.
    static let perTask = 16
    static let blockSize = 64
    /// In order: the smallest ids first, so that of two steps of a task the later one has the larger id.
    private var blocks: [Range<Int>] = []

    func blocksMissing(for count: Int) -> Int {
        let available = blocks.reduce(0) { $0 + $1.count }
        return max(0, (count - available + Self.blockSize - 1) / Self.blockSize)
    }

    /// At least so many ids, as far as there are; no more blocks than that takes.
    mutating func take(_ count: Int) -> StepIDs {
        var taken = StepIDs()
        var available = 0
        while available < count, !blocks.isEmpty {
            let block = blocks.removeFirst()
            taken.blocks.append(block)
            available += block.count
        }
        return taken
    }

    mutating func add(_ others: StepIDs) {
        blocks = (blocks + others.blocks).sorted { $0.lowerBound < $1.lowerBound }
    }

    mutating func add(blockAt first: Int) {
        blocks.append(first..<first + Self.blockSize)
        blocks.sort { $0.lowerBound < $1.lowerBound }
    }

    /// - Precondition: ``blocksMissing(for:)`` blocks were added for what is taken.
    mutating func next() -> Int {
        guard let block = blocks.first else { preconditionFailure("step ids were not allocated") }
        blocks[0] = block.dropFirst()
        if block.count == 1 { blocks.removeFirst() }
        return block.lowerBound
    }
}

/// The ids that a process has in hand, or those of them that one advance has taken.
final class StepIDReserve: Sendable {
    private let ids: Mutex<StepIDs>

    init(_ ids: StepIDs = StepIDs()) { self.ids = Mutex(ids) }

    /// Runs `body` with ids that nobody else takes from; what it leaves comes back, also if it throws.
    func lending<Value>(_ count: Int, _ body: (StepIDReserve) throws -> Value) rethrows -> Value {
        let lent = StepIDReserve(ids.withLock { $0.take(count) })
        defer { ids.withLock { [left = lent.ids.withLock { $0 }] in $0.add(left) } }
        return try body(lent)
    }

    func blocksMissing(for count: Int) -> Int { ids.withLock { $0.blocksMissing(for: count) } }

    func add(blocksAt firsts: [Int]) { ids.withLock { ids in for first in firsts { ids.add(blockAt: first) } } }

    /// - Precondition: enough blocks were added.
    func next() -> Int { ids.withLock { $0.next() } }
}
