import DequeModule

/// The messages sent on a channel in confirm mode and not yet confirmed.
///
/// The broker numbers publishes from 1 and settles them in any order, one number or all up to a number at a time.
/// A number that is unknown or settled before is ignored.
struct ConfirmTracker<Token> {
    /// The token of each publish from `firstTag` on, nil once settled. The first is never nil.
    private var slots: Deque<Token?> = []
    private var firstTag: UInt64 = 1
    /// How many publishes wait.
    private(set) var count = 0

    /// Records a publish; returns its number.
    mutating func append(_ token: Token) -> UInt64 {
        slots.append(token)
        count += 1
        return nextTag - 1
    }

    /// The number that the next ``append(_:)`` gets.
    var nextTag: UInt64 { firstTag + UInt64(slots.count) }

    /// Settles one publish, or with `multiple` all up to it (0: all), and hands over their tokens in order.
    mutating func settle(_ tag: UInt64, multiple: Bool, _ body: (UInt64, Token) -> Void) {
        let last = tag == 0 && multiple ? nextTag - 1 : tag
        guard last >= firstTag, last < nextTag else { return }
        let end = Int(last - firstTag)
        for index in (multiple ? 0 : end)...end {
            guard let token = slots[index] else { continue }
            slots[index] = nil
            count -= 1
            body(firstTag + UInt64(index), token)
        }
        while case .some(.none) = slots.first {
            slots.removeFirst()
            firstTag += 1
        }
    }

    /// Forgets everything and starts again at 1, as a new channel does; returns what waited, in order.
    mutating func reset() -> [Token] {
        let waiting = slots.compactMap { $0 }
        self = ConfirmTracker()
        return waiting
    }

    /// What waits, in order.
    func forEach(_ body: (Token) -> Void) {
        for case .some(let token) in slots { body(token) }
    }
}
