/// The lines of a pane as cells under headings; the last column takes what is left, and columns that have no room go.
struct TopGrid: Sendable {
    private static let gap = 2
    /// No column but the last is wider.
    private static let widest = 28

    var columns: [TextTable.Column]
    var rows: [[String]]

    /// How wide the columns are that fit side by side; the others are left out.
    private func widths(_ total: Int) -> [Int] {
        var widths: [Int] = []
        var left = total
        for (index, column) in columns.enumerated() {
            let wanted = rows.reduce(CellText.width(column.title)) {
                max($0, min(Self.widest, CellText.width(PlainText.line($1[index]))))
            }
            let isLast = index == columns.count - 1
            let room = isLast ? left : min(wanted, left)
            guard room >= min(wanted, 4) else { break }
            widths.append(room)
            left -= room + Self.gap
        }
        return widths
    }

    /// Heading first.
    ///
    /// - Parameters:
    ///   - range: of the rows to draw.
    ///   - selected: marked; nil: none.
    func lines(_ range: Range<Int>, selected: Int?, width: Int) -> [TopLine] {
        let widths = widths(width - Self.gap)
        var lines = [line(columns.map(\.title), widths, width, isSelected: false) { _ in .dim }]
        for index in range {
            lines.append(
                line(rows[index], widths, width, isSelected: index == selected) { column in
                    columns[column].isState ? TextStyle.face(ofState: rows[index][column]) : nil
                })
        }
        return lines
    }

    private func line(
        _ cells: [String], _ widths: [Int], _ total: Int, isSelected: Bool, face: (Int) -> TextStyle.Face?
    ) -> TopLine {
        var spans = [TopLine.Span(text: CellText.fit(isSelected ? ">" : "", Self.gap))]
        for (column, width) in widths.enumerated() {
            spans.append(
                TopLine.Span(
                    text: CellText.fit(cells[column], width, isRight: columns[column].isNumeric), face: face(column)))
            if column < widths.count - 1 { spans.append(TopLine.Span(text: String(repeating: " ", count: Self.gap))) }
        }
        let taken = spans.reduce(0) { $0 + CellText.width($1.text) }
        spans.append(TopLine.Span(text: String(repeating: " ", count: max(0, total - taken))))
        return TopLine(spans, isSelected: isSelected)
    }
}
