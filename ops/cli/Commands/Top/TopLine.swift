/// A line of the screen, of exactly as many cells as the terminal has columns.
struct TopLine: Sendable, Equatable {
    struct Span: Sendable, Equatable {
        var text: String
        var face: TextStyle.Face?
    }

    private(set) var spans: [Span] = []
    /// The line that keys are about.
    var isSelected = false

    init() {}

    /// Cut or padded to the width.
    init(_ text: String, width: Int, face: TextStyle.Face? = nil) {
        spans = [Span(text: CellText.fit(text, width), face: face)]
    }

    /// Of cells that are fitted already.
    init(_ spans: [Span], isSelected: Bool = false) {
        self.spans = spans
        self.isSelected = isSelected
    }

    var plain: String { spans.map(\.text).joined() }

    func text(_ style: TextStyle) -> String {
        guard style.isColored else { return plain }
        return isSelected ? style.paint(plain, .inverse) : spans.map { style.paint($0.text, $0.face) }.joined()
    }
}
