package import TraceContext

/// Which traces are recorded: decided by the trace's id, so that every process comes to the same decision by itself.
package struct TraceSampler: Sendable, Equatable {
    /// Of the lower half of an id without its last bit: those below are recorded.
    private let threshold: UInt64
    private let followsParent: Bool

    /// - Parameters:
    ///   - ratio: the share of traces that are recorded, 0 to 1.
    ///   - followsParent: a parent's decision, where it is known, is the child's.
    package init(ratio: Double, followsParent: Bool) {
        threshold = UInt64(max(0, min(1, ratio)) * 0x1p63)
        self.followsParent = followsParent
    }

    /// Nothing is ever recorded, whatever others say.
    package var isOff: Bool { threshold == 0 && !followsParent }

    package func isSampled(_ traceID: TraceID, parent: Bool?) -> Bool {
        if followsParent, let parent { return parent }
        return traceID.low >> 1 < threshold
    }
}
