/// How urgent a task is. A higher priority overtakes lower ones within its agent type (I11).
package enum Priority: String, Sendable, CaseIterable, Comparable {
    case urgent, high, medium, low

    /// Order of dispatch: 0 first.
    package var rank: Int {
        switch self {
        case .urgent: 0
        case .high: 1
        case .medium: 2
        case .low: 3
        }
    }

    /// The priority with this rank; nil outside 0...3.
    package init?(rank: Int) {
        guard let match = Self.allCases.first(where: { $0.rank == rank }) else { return nil }
        self = match
    }

    /// RabbitMQ's message priority: larger is sooner; queues are declared with `x-max-priority` 5.
    package var brokerPriority: UInt8 { UInt8(4 - rank) }

    /// The more urgent one is the smaller: sorting puts it first.
    package static func < (left: Priority, right: Priority) -> Bool { left.rank < right.rank }
}
