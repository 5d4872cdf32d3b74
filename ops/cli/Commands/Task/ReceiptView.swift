import FleetCore
import JSON

/// A receipt for people: sums first, then every step with its calls. Fits into 80 columns.
struct ReceiptView {
    private let receipt: JSONValue
    private let style: TextStyle

    /// Longest name in the tables of sums.
    private static let nameWidth = 20

    init(_ receipt: JSONValue, style: TextStyle) {
        self.receipt = receipt
        self.style = style
    }

    var text: String {
        let totals = receipt["totals"]
        let tables = [("KIND", "by_kind"), ("MODEL", "by_model"), ("PURPOSE", "by_purpose")].map { title, key in
            table(title, totals?[key]?.array ?? [])
        }
        let steps = (receipt["steps"]?.array ?? []).enumerated().map { ReceiptStepView($1, place: $0 + 1, style).text }
        return ([header] + tables + [differences].compactMap(\.self) + steps).joined(separator: "\n\n")
    }

    private var header: String {
        let lost = receipt["lost"]?.array?.count ?? 0
        var lines = [
            style.paint(PlainText.shortened(PlainText.line(receipt["title"]?.string ?? "-"), to: 80), .bold),
            "task       \(PlainText.line(receipt["task_id"]?.string ?? "-"))",
            "status     \(PlainText.line(receipt["status"]?.string ?? "-"))",
            "proved     \(Self.money(receipt["cost_usd"])) USD",
            "expected   \(Self.money(receipt["cost_expected_usd"])) USD",
            "at most    \(Self.money(receipt["cost_at_most_usd"])) USD",
            "calls      \(receipt["calls"]?.int ?? 0)" + Self.lost(lost),
        ]
        if let tokens = receipt["tokens"] {
            lines.append("reported   \(Self.input(tokens)),")
            lines.append("           \(Self.output(tokens))")
        }
        return lines.joined(separator: "\n")
    }

    private static func lost(_ attempts: Int) -> String {
        switch attempts {
        case 0: ""
        case 1: ", and 1 attempt lost with its worker"
        default: ", and \(attempts) attempts lost with their workers"
        }
    }

    private func table(_ title: String, _ totals: [JSONValue]) -> String {
        var table = TextTable([
            .init(title), .init("CALLS", isNumeric: true), .init("IN", isNumeric: true), .init("OUT", isNumeric: true),
            .init("PROVED", isNumeric: true), .init("EXPECTED", isNumeric: true), .init("AT MOST", isNumeric: true),
        ])
        for total in totals {
            table.add([
                PlainText.shortened(total["name"]?.string ?? "-", to: Self.nameWidth), "\(total["calls"]?.int ?? 0)",
                "\(total["tokens"]?["input"]?.int ?? 0)", "\(total["tokens"]?["output"]?.int ?? 0)",
                Self.money(total["cost_usd"]), Self.money(total["cost_expected_usd"]),
                Self.money(total["cost_at_most_usd"]),
            ])
        }
        return table.rendered(width: nil, style: style)
    }

    /// Nil if every cost is what its tokens and its price make it.
    private var differences: String? {
        guard let differences = receipt["differences"]?.array, !differences.isEmpty else { return nil }
        let lines = differences.map { difference in
            let call =
                "step \(difference["step_id"]?.int ?? 0), call \(difference["attempt"]?.int ?? 0)."
                + "\(difference["call"]?.int ?? 0)"
            let written = difference["cost_usd"]?.string ?? difference["estimate_usd"]?.string ?? "nothing"
            guard let again = difference["recomputed_usd"]?.string else {
                return "\(call): \(written) written, no price beside it"
            }
            return "\(call): \(written) written, \(again) by the price beside it"
        }
        return style.paint("These costs are not what tokens and price make them:", .red) + "\n"
            + lines.map { "  \(PlainText.line($0))" }.joined(separator: "\n")
    }

    /// USD as they came; a dash for what is not known.
    static func money(_ value: JSONValue?) -> String { PlainText.line(value?.string ?? "-") }

    /// `1200 tokens in (100 cache read)`.
    static func input(_ tokens: JSONValue) -> String {
        "\(tokens["input"]?.int ?? 0) tokens in"
            + parts(tokens, [("cache_read", "cache read"), ("cache_write", "cache written")])
    }

    /// `300 tokens out (40 reasoning)`.
    static func output(_ tokens: JSONValue) -> String {
        "\(tokens["output"]?.int ?? 0) tokens out" + parts(tokens, [("reasoning", "reasoning")])
    }

    private static func parts(_ tokens: JSONValue, _ names: [(key: String, name: String)]) -> String {
        let parts = names.compactMap { key, name in tokens[key]?.int.flatMap { $0 > 0 ? "\($0) \(name)" : nil } }
        return parts.isEmpty ? "" : " (\(parts.joined(separator: ", ")))"
    }
}
