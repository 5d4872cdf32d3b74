/// A block of lines on standard error that is drawn again and again in the same place.
///
/// Where standard error is no terminal, only the first line is written, and only every few seconds.
struct LiveBlock {
    private let isTerminal = StandardStream.error.isTerminal
    private var drawnLines = 0
    private var lastLine: ContinuousClock.Instant?

    /// Between two lines in a log.
    private static let logInterval = Duration.seconds(5)

    mutating func draw(_ lines: [String]) {
        if isTerminal {
            let width = (StandardStream.error.width ?? 80) - 1
            var text = drawnLines > 0 ? "\u{1B}[\(drawnLines)A\r\u{1B}[J" : ""
            // A wrapped line would be two.
            for line in lines { text += PlainText.shortened(line, to: width) + "\n" }
            StandardStream.error.write(text)
            drawnLines = lines.count
        } else if lastLine.map({ ContinuousClock.now - $0 >= Self.logInterval }) ?? true {
            write(lines)
        }
    }

    /// Draws for the last time; what is written next stands below.
    mutating func finish(_ lines: [String]) {
        if isTerminal { draw(lines) } else { write(lines) }
        drawnLines = 0
    }

    private mutating func write(_ lines: [String]) {
        StandardStream.error.write(lines.joined(separator: "  ") + "\n")
        lastLine = .now
    }
}
