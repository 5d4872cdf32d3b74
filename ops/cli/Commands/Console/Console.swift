import FleetCore
import JSON

/// Prints results to standard output and messages to standard error.
struct Console: Sendable {
    let format: OutputFormat
    /// Of standard output.
    let style: TextStyle

    init(format: OutputFormat, color: ColorMode, environment: [String: String]) {
        self.format = format
        style = TextStyle(
            isColored: color.isColored(isTerminal: StandardStream.output.isTerminal, environment: environment))
    }

    var isText: Bool { format == .text }

    /// A line of data.
    func print(_ line: String) { StandardStream.output.write(line + "\n") }

    /// A line for people.
    func note(_ line: String) { StandardStream.error.write(line + "\n") }

    func print(_ value: JSONValue) { print(value.serialized()) }

    /// One result: as JSON, or as the text says.
    func emit(_ value: JSONValue, text: () -> String) {
        if isText { print(text()) } else { print(value) }
    }

    /// Several results: an array, one per line, or as the text says.
    func emit(_ values: [JSONValue], text: () -> String) {
        switch format {
        case .text: print(text())
        case .json: print(.array(values))
        case .jsonl: values.forEach { print($0) }
        }
    }

    /// A state in its colour.
    func paint(state: String) -> String { style.paint(state, TextStyle.face(ofState: state)) }

    /// A table as wide as the terminal.
    func render(_ table: TextTable) -> String {
        table.rendered(width: StandardStream.output.width, style: style)
    }
}
