import Synchronization
import TraceContext
import Tracing

@testable import OTLPTracing

/// A tracer as in production, and what it would send.
final class RecordedSpans: Sendable {
    private let kept = Mutex<[FinishedSpan]>([])

    var all: [FinishedSpan] { kept.withLock { $0 } }

    func tracer(ratio: Double = 1, followsParent: Bool = true) -> OTLPTracer {
        OTLPTracer(sampler: TraceSampler(ratio: ratio, followsParent: followsParent)) { [self] group in
            kept.withLock { $0 += group }
        }
    }
}

extension FinishedSpan {
    func text(_ name: String) -> String? {
        guard case .string(let text)? = attributes.get(name) else { return nil }
        return text
    }

    func number(_ name: String) -> Int64? {
        guard case .int64(let number)? = attributes.get(name) else { return nil }
        return number
    }

    func double(_ name: String) -> Double? {
        guard case .double(let number)? = attributes.get(name) else { return nil }
        return number
    }

    /// Where its links lead.
    var targets: [SpanReference] { links.compactMap(\.context.currentSpan) }
}
