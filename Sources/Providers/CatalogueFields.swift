internal import FleetCore
internal import Yams

/// The fields of one YAML mapping, with the place that errors have to name.
struct CatalogueFields {
    let file: String
    var model: String?
    /// Where the mapping is inside its model, such as `prices[1]`.
    let path: String
    let node: Node

    func error(_ field: String, _ problem: String, _ allowed: String) -> CatalogueError {
        let line = (node.mapping?[Node(field)] ?? node).mark?.line
        let place = [path, field].filter { !$0.isEmpty }.joined(separator: ".")
        return CatalogueError(
            file: file, line: line, model: model, field: place, problem: problem, allowed: allowed)
    }

    func has(_ field: String) -> Bool { node.mapping?[Node(field)] != nil }

    /// Refuses anything but these fields.
    func allow(_ fields: [String]) throws(CatalogueError) {
        guard let mapping = node.mapping else { throw error("", "is no mapping", fields.joined(separator: ", ")) }
        for key in mapping.keys where !fields.contains(key.string ?? "") {
            throw error(key.string ?? "?", "is not known", fields.joined(separator: ", "))
        }
    }

    /// The mappings of a list that is not empty.
    func list(_ field: String) throws(CatalogueError) -> [CatalogueFields] {
        guard let sequence = node.mapping?[Node(field)]?.sequence, !sequence.isEmpty else {
            throw error(field, has(field) ? "is no list or an empty one" : "is missing", "a list with entries")
        }
        return sequence.enumerated().map { index, entry in
            CatalogueFields(
                file: file, model: model, path: path.isEmpty ? "\(field)[\(index)]" : "\(path).\(field)[\(index)]",
                node: entry)
        }
    }

    private func text(_ field: String, _ allowed: String) throws(CatalogueError) -> String {
        guard let value = node.mapping?[Node(field)] else { throw error(field, "is missing", allowed) }
        guard let text = value.scalar?.string, !text.isEmpty else { throw error(field, "is empty", allowed) }
        return text
    }

    func name(_ field: String) throws(CatalogueError) -> String {
        let allowed = "1 to 100 letters, digits and . _ : / - @"
        let text = try text(field, allowed)
        guard text.utf8.count <= 100,
            text.utf8.allSatisfy({ byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "._:/-@".utf8.contains(byte)
                }
            })
        else { throw error(field, "is \(quoted(text))", allowed) }
        return text
    }

    func choice(_ field: String, _ choices: [String]) throws(CatalogueError) -> String {
        let allowed = choices.joined(separator: ", ")
        let text = try text(field, allowed)
        guard choices.contains(text) else { throw error(field, "is \(quoted(text))", allowed) }
        return text
    }

    func count(_ field: String) throws(CatalogueError) -> Int {
        let allowed = "a whole number from 1 to 100000000"
        let text = try text(field, allowed)
        guard let count = Int(text), 1...100_000_000 ~= count else {
            throw error(field, "is \(quoted(text))", allowed)
        }
        return count
    }

    func number(_ field: String, _ range: ClosedRange<Double>) throws(CatalogueError) -> Double {
        let allowed = "a number from \(range.lowerBound) to \(range.upperBound)"
        let text = try text(field, allowed)
        guard let number = Double(text), range.contains(number) else {
            throw error(field, "is \(quoted(text))", allowed)
        }
        return number
    }

    func flag(_ field: String) throws(CatalogueError) -> Bool {
        try choice(field, ["true", "false"]) == "true"
    }

    /// USD per million tokens.
    func amount(_ field: String) throws(CatalogueError) -> Decimal6 {
        let allowed = "an amount such as \"0.125\", at most six decimals, at most 10000"
        let text = try text(field, allowed)
        guard let amount = Decimal6(text), amount.millionths <= 10_000_000_000 else {
            throw error(field, "is \(quoted(text))", allowed)
        }
        return amount
    }

    /// Factors by name: `{flex: "0.5"}`.
    func factors(_ field: String) throws(CatalogueError) -> [String: Decimal6] {
        let allowed = "service tiers with a factor above 0 and at most 100, such as {flex: \"0.5\"}"
        guard let mapping = node.mapping?[Node(field)]?.mapping else {
            throw error(field, "is no mapping", allowed)
        }
        var factors: [String: Decimal6] = [:]
        for (key, value) in mapping {
            guard let name = key.string, let factor = value.scalar.flatMap({ Decimal6($0.string) }),
                1...100_000_000 ~= factor.millionths
            else { throw error(field, "has \(quoted(key.string ?? "?")) without a factor", allowed) }
            factors[name] = factor
        }
        return factors
    }

    /// A text for people.
    func words(_ field: String) throws(CatalogueError) -> String {
        try text(field, "some words")
    }

    /// A day that exists.
    func day(_ field: String) throws(CatalogueError) -> String {
        let allowed = "a day such as \"2026-10-26\""
        let text = try text(field, allowed)
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == [4, 2, 2], text.utf8.allSatisfy({ $0 == 0x2D || 0x30...0x39 ~= $0 }),
            let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2]), 2000...2999 ~= year,
            1...12 ~= month, day >= 1, day <= Self.days(year, month)
        else { throw error(field, "is \(quoted(text))", allowed) }
        return text
    }

    private static func days(_ year: Int, _ month: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private func quoted(_ text: String) -> String { "\"\(text.prefix(60))\"" }
}
