import FleetCore
import JSON

/// A step of a receipt and its calls.
struct ReceiptStepView {
    private let step: JSONValue
    private let place: Int
    private let style: TextStyle

    private static let width = 80

    init(_ step: JSONValue, place: Int, _ style: TextStyle) {
        self.step = step
        self.place = place
        self.style = style
    }

    var text: String {
        let calls = (step["attempts"]?.array ?? []).flatMap { attempt in
            (attempt["calls"]?.array ?? []).flatMap { lines($0, attempt["attempt"]?.int ?? 0) }
        }
        return ([title] + [again].compactMap(\.self) + calls).joined(separator: "\n")
    }

    private var title: String {
        let subtask = step["subtask"]?["key"]?.string.map { key in
            " \(key)" + (step["subtask"]?["title"]?.string.map { " \"\($0)\"" } ?? "")
        }
        let version = step["version"]?.int.map { ", version \($0)" } ?? ""
        let name = "\(step["kind"]?.string ?? "?")\(subtask ?? "")\(version), \(step["agent_type"]?.string ?? "?")"
        return line("\(place). ", name, ReceiptView.money(step["cost_usd"]), .bold)
    }

    private var again: String? {
        let reasons = [
            "failed": "the step before it failed", "needs_revision": "the review asked for a revision",
            "rejected": "the review rejected the solution", "too_long": "the solution was too long to be reviewed",
            "sent_back": "the final review sent the answer back",
            "plan_rejected": "the plan could not be used", "new_version": "there is a new version",
            "reopened": "the owner asked for a revision or another try",
        ]
        return step["again"]?.string.map { "   again: \(reasons[$0] ?? PlainText.line($0))" }
    }

    private func lines(_ call: JSONValue, _ attempt: Int) -> [String] {
        let number = call["call"]?.int ?? 0
        guard number > 0 else { return [lostLine(call, attempt)] }
        let cause = call["after"]?.string.map { " after \($0)" } ?? ""
        let purpose = call["purpose"]?.string.flatMap { $0 == "work" ? nil : " (\($0))" } ?? ""
        let seconds = call["duration_ms"]?.int.map { "  \($0 / 1000).\($0 / 100 % 10) s" } ?? ""
        let name = "\(call["model"]?.string ?? "?")  \(call["outcome"]?.string ?? "?")\(purpose)\(cause)\(seconds)"
        var lines = [line("   \(attempt).\(number)  ", name, amount(call), nil)]
        if let tokens = [call["tokens"], call["estimated_tokens"]].lazy.compactMap(\.self).first(where: { !$0.isNull })
        {
            let kind = call["tokens"]?.isNull ?? true ? "estimated " : ""
            let (input, output) = (kind + ReceiptView.input(tokens), ReceiptView.output(tokens))
            let whole = "\(input), \(output)"
            lines += whole.count <= Self.width - 8 ? [note(whole)] : [note("\(input),"), note(output)]
        }
        if let price = call["price_id"]?.string { lines.append(note("price \(price)")) }
        if let hold = call["hold_usd"]?.string { lines.append(note("not proved, at most \(hold)")) }
        lines += (call["cuts"]?.array ?? []).map { note("cut: \(Self.cut($0))") }
        return lines
    }

    private func lostLine(_ call: JSONValue, _ attempt: Int) -> String {
        guard call["outcome"]?.string == "lost" else {
            return line("   \(attempt)    ", "taken over from its worker, which came back and booked it", "", nil)
        }
        let (expected, most) = (ReceiptView.money(call["estimate_usd"]), ReceiptView.money(call["hold_usd"]))
        return line("   \(attempt)    ", "lost with its worker, expected \(expected), at most \(most)", "", nil)
    }

    private func amount(_ call: JSONValue) -> String {
        call["cost_usd"]?.string.map { PlainText.line($0) } ?? "~\(ReceiptView.money(call["estimate_usd"]))"
    }

    /// `{"what":"context","kept":120,"of":530,"unit":"tokens"}`, or whatever else stands there.
    private static func cut(_ cut: JSONValue) -> String {
        guard let what = cut["what"]?.string else { return cut.serialized() }
        guard let kept = cut["kept"]?.int, let whole = cut["of"]?.int else { return what }
        return "\(what), \(kept) of \(whole) \(cut["unit"]?.string ?? "") kept"
    }

    private func note(_ text: String) -> String {
        "        " + PlainText.shortened(PlainText.line(text), to: Self.width - 8)
    }

    /// A line with an amount at its right end.
    private func line(_ indent: String, _ text: String, _ amount: String, _ face: TextStyle.Face?) -> String {
        let space = Self.width - indent.count - (amount.isEmpty ? 0 : amount.count + 2)
        let left = PlainText.shortened(PlainText.line(text), to: space)
        guard !amount.isEmpty else { return indent + style.paint(left, face) }
        return indent + style.paint(left, face) + String(repeating: " ", count: space - left.count + 2) + amount
    }
}
