import FleetMetrics
import Synchronization

/// The series of one metric by label values, bounded: label sets beyond the limit share one series, `other`.
final class SeriesTable<Cell: AnyObject & Sendable>: Sendable {
    private struct State {
        var cells: [[String]: Cell] = [:]
        var isOverflowing = false
    }

    let definition: MetricDefinition
    private let limit: Int
    private let problems: MetricProblems
    private let makeCell: @Sendable () -> Cell
    /// The only series of a metric without labels: there from the start, reached without the lock.
    private let single: Cell?
    private let isSingleHidden = Atomic(false)
    private let state = Mutex(State())

    init(
        _ definition: MetricDefinition, limit: Int, problems: MetricProblems,
        makeCell: @escaping @Sendable () -> Cell
    ) {
        self.definition = definition
        self.limit = limit
        self.problems = problems
        self.makeCell = makeCell
        single = definition.labels.isEmpty ? makeCell() : nil
    }

    func cell(_ values: [String]) -> Cell {
        if let single, values.isEmpty {
            if isSingleHidden.load(ordering: .relaxed) { isSingleHidden.store(false, ordering: .relaxed) }
            return single
        }
        guard values.count == definition.labels.count else { return cell(fitted(values)) }
        return state.withLock { state in
            if let cell = state.cells[values] { return cell }
            guard state.cells.count < limit else { return overflow(&state) }
            let cell = makeCell()
            state.cells[values] = cell
            return cell
        }
    }

    /// A wrong number of values must not cost the count: missing ones are empty, surplus ones are left out.
    private func fitted(_ values: [String]) -> [String] {
        let names = definition.labels
        problems.add(
            TelemetryError(.labelCount, "\(definition.name) has \(names.count) labels, got \(values.count) values"))
        return Array((values + Array(repeating: "", count: names.count)).prefix(names.count))
    }

    /// The series `other`, which may also be one that was asked for by that name.
    private func overflow(_ state: inout State) -> Cell {
        reportOverflow(&state)
        let values = definition.labels.map { _ in MetricsRegistry.overflowLabel }
        if let cell = state.cells[values] { return cell }
        let cell = makeCell()
        state.cells[values] = cell
        return cell
    }

    private func reportOverflow(_ state: inout State) {
        guard !state.isOverflowing else { return }
        state.isOverflowing = true
        problems.add(TelemetryError(.labelOverflow, "\(definition.name) has more than \(limit) label sets"))
    }

    func remove(_ values: [String]) {
        guard single == nil else { return isSingleHidden.store(true, ordering: .relaxed) }
        state.withLock { $0.cells[values] = nil }
    }

    /// - Returns: whether it was one of these.
    func remove(_ cell: AnyObject) -> Bool {
        guard let values = snapshot().first(where: { $0.cell === cell })?.values else { return false }
        remove(values)
        return true
    }

    /// Replaces all series at once, so that a scrape never sees a half of them.
    func replaceAll(_ cells: [[String]: Cell]) {
        let sorted = cells.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        state.withLock { state in
            state.cells = [:]
            for (values, cell) in sorted {
                guard state.cells.count < limit else { return reportOverflow(&state) }
                state.cells[values.count == definition.labels.count ? values : fitted(values)] = cell
            }
        }
    }

    /// Every series, sorted by label values.
    func snapshot() -> [(values: [String], cell: Cell)] {
        if let single { return isSingleHidden.load(ordering: .relaxed) ? [] : [([], single)] }
        let cells = state.withLock { $0.cells }
        return cells.map { (values: $0.key, cell: $0.value) }
            .sorted { $0.values.lexicographicallyPrecedes($1.values) }
    }
}
