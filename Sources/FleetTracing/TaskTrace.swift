import FleetCore
package import TraceContext

/// The trace of a task: its id and those of its spans are made of the task's own, so that every process knows them,
/// whatever was lost on the way.
///
/// The derivation is a part of what processes agree on: it never changes.
package struct TaskTrace: Sendable, Equatable {
    package let traceID: TraceID
    /// The span of the task as a whole; all others hang under it.
    package let root: SpanID

    /// - Parameter id: of the task.
    package init(task id: String) {
        traceID = TraceID(high: Self.hash("trace/high/", id), low: Self.hash("trace/low/", id))
        root = SpanID(Self.hash("root/", id))
    }

    /// Known to every process as soon as the attempt has its number.
    package func attempt(step: Int, attempt: Int) -> SpanID { SpanID(mixed(step, attempt)) }

    /// The span of a call, by its number in the ledger.
    package func call(step: Int, attempt: Int, number: Int) -> SpanID {
        SpanID(Self.mixed(mixed(step, attempt) &+ UInt64(truncatingIfNeeded: number)))
    }

    /// The task's own span, for what hangs under it.
    var rootReference: SpanReference { SpanReference(traceID: traceID, spanID: root, isSampled: nil) }

    private func mixed(_ step: Int, _ attempt: Int) -> UInt64 {
        let ofStep = Self.mixed(root.value ^ Self.mixed(UInt64(truncatingIfNeeded: step)))
        return Self.mixed(ofStep &+ UInt64(truncatingIfNeeded: attempt))
    }

    private static func hash(_ purpose: String, _ id: String) -> UInt64 {
        var hash = FNV1a()
        hash.add(purpose.utf8)
        hash.add(id.utf8)
        return mixed(hash.value)
    }

    /// Spreads what differs in a few bits over all of them (the finalizer of SplitMix64): samplers look at the lower ones.
    private static func mixed(_ value: UInt64) -> UInt64 {
        var value = value &+ 0x9E37_79B9_7F4A_7C15
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
