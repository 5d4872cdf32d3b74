import DequeModule

/// The deliveries of one channel that the broker still waits for, and the fewest frames that settle a set of them.
///
/// The broker numbers deliveries from 1 without gaps. Settling a number twice, or one never delivered, would make
/// it close the channel: such numbers are dropped here.
struct AcknowledgementWindow {
    /// What to send: one frame with `multiple` if there is a run from the oldest on, and one for each of the rest.
    struct AckFrames: Equatable {
        var upTo: UInt64?
        var single: [UInt64] = []
    }

    private enum Slot {
        case outstanding, settling, settled
    }

    /// The deliveries from `firstTag` on. The first is outstanding.
    private var slots: Deque<Slot> = []
    private var firstTag: UInt64 = 1
    /// How many deliveries wait for their acknowledgement.
    private(set) var outstandingCount = 0

    /// Records the next delivery; false if its number is not the next one.
    mutating func deliver(_ tag: UInt64) -> Bool {
        guard tag == firstTag + UInt64(slots.count) else { return false }
        slots.append(.outstanding)
        outstandingCount += 1
        return true
    }

    /// Settles deliveries, in any order.
    mutating func settle(_ tags: [UInt64]) -> AckFrames {
        var settling: [UInt64] = []
        for tag in tags where tag >= firstTag && tag < firstTag + UInt64(slots.count) {
            let index = Int(tag - firstTag)
            guard slots[index] == .outstanding else { continue }
            slots[index] = .settling
            settling.append(tag)
        }
        outstandingCount -= settling.count
        var frames = AckFrames()
        while let first = slots.first, first != .outstanding {
            // A number already settled cannot be named as the last of a run: the broker has forgotten it.
            if first == .settling { frames.upTo = firstTag }
            slots.removeFirst()
            firstTag += 1
        }
        for tag in settling where tag >= firstTag {
            slots[Int(tag - firstTag)] = .settled
            frames.single.append(tag)
        }
        return frames
    }
}
