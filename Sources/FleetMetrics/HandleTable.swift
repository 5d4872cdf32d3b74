import CoreMetrics
import Synchronization

/// The handles of one metric by label values, each made once: what records often neither allocates nor asks the backend.
final class HandleTable<Handle: AnyObject & Sendable>: Sendable {
    /// Label values beyond these share one series, `other`.
    private static var limit: Int { 2000 }

    let definition: MetricDefinition
    private let make: @Sendable (_ label: String, _ dimensions: [(String, String)]) -> Handle
    /// The only one of a metric without labels: made at once, so that it is shown before anything is recorded.
    private let single: Handle?
    private let handles = Mutex<[LabelValues: Handle]>([:])

    /// - Parameter isOptional: it has no series, also without labels, until it is recorded.
    init(
        _ definition: MetricDefinition, isOptional: Bool = false,
        make: @escaping @Sendable (_ label: String, _ dimensions: [(String, String)]) -> Handle
    ) {
        self.definition = definition
        self.make = make
        single = definition.labels.isEmpty && !isOptional ? make(definition.name, []) : nil
    }

    subscript(values: LabelValues) -> Handle {
        if let single { return single }
        return handles.withLock { handles in
            if let handle = handles[values] { return handle }
            let values = handles.count < Self.limit ? values : .other
            if let handle = handles[values] { return handle }
            let handle = make(definition.name, values.dimensions(of: definition))
            handles[values] = handle
            return handle
        }
    }

    /// Takes out those that are not among these.
    func keep(_ values: some Sequence<LabelValues>) -> [Handle] {
        let values = Set(values)
        return handles.withLock { handles in
            let gone = handles.filter { !values.contains($0.key) }
            for key in gone.keys { handles[key] = nil }
            return Array(gone.values)
        }
    }
}
