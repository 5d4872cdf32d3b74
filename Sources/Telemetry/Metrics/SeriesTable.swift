import Synchronization

/// The series of one metric by label values, bounded: label sets beyond the limit share one series, `other`.
final class SeriesTable<Cell: AnyObject & Sendable>: Sendable {
    private struct State {
        var cells: [[String]: Cell] = [:]
        var overflow: Cell?
    }

    let definition: MetricDefinition
    private let limit: Int
    private let problems: MetricProblems
    private let makeCell: @Sendable () -> Cell
    /// The only series of a metric without labels: there from the start, reached without the lock.
    private let single: Cell?
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
        if let single, values.isEmpty { return single }
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

    private func overflow(_ state: inout State) -> Cell {
        if let cell = state.overflow { return cell }
        problems.add(
            TelemetryError(.labelOverflow, "\(definition.name) has more than \(limit) label sets, the rest is other"))
        let cell = makeCell()
        state.overflow = cell
        return cell
    }

    func remove(_ values: [String]) {
        state.withLock { $0.cells[values] = nil }
    }

    /// Replaces all series at once, so that a scrape never sees a half of them.
    func replaceAll(_ cells: [[String]: Cell]) {
        state.withLock { state in
            state = State()
            for (values, cell) in cells {
                guard values.count == definition.labels.count else {
                    state.cells[fitted(values)] = cell
                    continue
                }
                if state.cells.count < limit { state.cells[values] = cell } else { _ = overflow(&state) }
            }
        }
    }

    /// Every series, sorted by label values; `other` at the end.
    func snapshot() -> [(values: [String], cell: Cell)] {
        if let single { return [([], single)] }
        let (cells, overflow) = state.withLock { ($0.cells, $0.overflow) }
        var series = cells.map { (values: $0.key, cell: $0.value) }
        series.sort { $0.values.lexicographicallyPrecedes($1.values) }
        if let overflow { series.append((definition.labels.map { _ in MetricsRegistry.overflowLabel }, overflow)) }
        return series
    }
}
