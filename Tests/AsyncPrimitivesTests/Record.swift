import Synchronization

/// What happened, in order.
final class Record<Entry: Sendable>: Sendable {
    private let list = Mutex<[Entry]>([])

    func add(_ entry: Entry) { list.withLock { $0.append(entry) } }

    var all: [Entry] { list.withLock { $0 } }
}
