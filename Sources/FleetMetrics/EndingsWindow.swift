/// Which share of the tasks that ended lately has an answer.
package struct EndingsWindow: Sendable {
    private struct Cell {
        var minute: Int
        var answered = 0
        var all = 0
    }

    private static let minutes = 10
    private var cells: [Cell] = []

    package init() {}

    /// - Parameter now: since any fixed moment.
    package mutating func add(hasAnswer: Bool, at now: Duration) {
        let minute = Self.minute(now)
        if cells.last?.minute != minute { cells.append(Cell(minute: minute)) }
        cells[cells.count - 1].all += 1
        if hasAnswer { cells[cells.count - 1].answered += 1 }
    }

    /// Of the last ten minutes; nil if none has ended.
    package mutating func rate(at now: Duration) -> Double? {
        let oldest = Self.minute(now) - Self.minutes
        cells.removeAll { $0.minute <= oldest }
        let all = cells.reduce(0) { $0 + $1.all }
        return all == 0 ? nil : Double(cells.reduce(0) { $0 + $1.answered }) / Double(all)
    }

    private static func minute(_ now: Duration) -> Int { Int(now.components.seconds) / 60 }
}
