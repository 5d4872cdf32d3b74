/// Columns under headings, padded with spaces; the last column takes what is left of the line.
struct TextTable: Sendable {
    /// A column's heading and how its cells stand.
    struct Column: Sendable {
        var title: String
        var isNumeric = false
        /// Whether cells are states, to be coloured as such.
        var isState = false

        init(_ title: String, isNumeric: Bool = false, isState: Bool = false) {
            self.title = title
            self.isNumeric = isNumeric
            self.isState = isState
        }
    }

    let columns: [Column]
    private var rows: [[String]] = []

    private static let gap = "  "

    init(_ columns: [Column]) { self.columns = columns }

    mutating func add(_ cells: [String]) {
        rows.append(cells.map { PlainText.line($0) })
    }

    /// - Parameter width: of the terminal; nil: nothing is cut.
    func rendered(width: Int?, style: TextStyle) -> String {
        let widths = columns.indices.map { column in
            rows.reduce(columns[column].title.count) { max($0, $1[column].count) }
        }
        let before = widths.dropLast().reduce(0) { $0 + $1 + Self.gap.count }
        let last = width.map { max(8, $0 - before) } ?? .max
        var lines = [style.paint(line(columns.map(\.title), widths, last) { text, _ in text }, .bold)]
        for row in rows {
            lines.append(
                line(row, widths, last) { text, column in
                    columns[column].isState ? style.paint(text, TextStyle.face(ofState: row[column])) : text
                })
        }
        return lines.joined(separator: "\n")
    }

    private func line(
        _ cells: [String], _ widths: [Int], _ last: Int, paint: (String, Int) -> String
    ) -> String {
        cells.indices.map { column in
            let isLast = column == cells.count - 1
            let text = isLast ? PlainText.shortened(cells[column], to: last) : cells[column]
            let space = String(repeating: " ", count: max(0, widths[column] - text.count))
            let cell = paint(text, column)
            return columns[column].isNumeric ? space + cell : isLast ? cell : cell + space
        }.joined(separator: Self.gap)
    }
}
