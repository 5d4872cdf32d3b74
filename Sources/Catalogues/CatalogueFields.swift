internal import FleetCore

/// The fields of one YAML mapping, with the place that errors have to name.
struct CatalogueFields {
    let file: String
    var model: String?
    /// Where the mapping is inside its model, such as `prices[1]`.
    let path: String
    let node: YAMLNode

    func error(_ field: String, _ problem: String, _ allowed: String) -> ModelCatalogueError {
        let line = node.members?.first { $0.key == field }?.line ?? node.line
        let place = [path, field].filter { !$0.isEmpty }.joined(separator: ".")
        return ModelCatalogueError(
            file: file, line: line, model: model, field: place, problem: problem, allowed: allowed)
    }

    func has(_ field: String) -> Bool { node[field] != nil }

    /// Refuses anything but these fields.
    func allow(_ fields: [String]) throws(ModelCatalogueError) {
        guard let members = node.members else { throw error("", "is no mapping", fields.joined(separator: ", ")) }
        for member in members where !fields.contains(member.key) {
            throw error(member.key, "is not known", fields.joined(separator: ", "))
        }
    }

    /// The mappings of a list that is not empty.
    func list(_ field: String) throws(ModelCatalogueError) -> [CatalogueFields] {
        guard let entries = node[field]?.entries, !entries.isEmpty else {
            throw error(field, has(field) ? "is no list or an empty one" : "is missing", "a list with entries")
        }
        return entries.enumerated().map { index, entry in
            CatalogueFields(
                file: file, model: model, path: path.isEmpty ? "\(field)[\(index)]" : "\(path).\(field)[\(index)]",
                node: entry)
        }
    }

    /// What is written, whatever YAML makes of it.
    private func text(_ field: String, _ allowed: String) throws(ModelCatalogueError) -> String {
        guard let value = node[field] else { throw error(field, "is missing", allowed) }
        guard let text = value.raw else { throw error(field, "is \(value.shown)", allowed) }
        guard !text.isEmpty, !value.isNull else { throw error(field, "is empty", allowed) }
        return text
    }

    /// A text that YAML takes for one: `no` and `12` have to stand in quotes.
    private func properText(_ field: String, _ allowed: String) throws(ModelCatalogueError) -> String {
        guard let value = node[field] else { throw error(field, "is missing", allowed) }
        do {
            return try value.text()
        } catch let fault {
            throw error(field, fault.text, allowed)
        }
    }

    /// Digits that mean what they seem to.
    private func digits(_ field: String, _ allowed: String) throws(ModelCatalogueError) -> String {
        let text = try text(field, allowed)
        if let trap = node[field]?.numberTrap { throw error(field, "is \(quoted(text)), \(trap)", allowed) }
        return text
    }

    func name(_ field: String) throws(ModelCatalogueError) -> String {
        let allowed = "1 to 100 letters, digits and . _ : / - @"
        let text = try properText(field, allowed)
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

    func choice(_ field: String, _ choices: [String]) throws(ModelCatalogueError) -> String {
        let allowed = choices.joined(separator: ", ")
        let text = try text(field, allowed)
        guard choices.contains(text) else { throw error(field, "is \(quoted(text))", allowed) }
        return text
    }

    func count(_ field: String) throws(ModelCatalogueError) -> Int {
        let allowed = "a whole number from 1 to 100000000"
        let text = try digits(field, allowed)
        guard let count = Int(text), 1...100_000_000 ~= count else {
            throw error(field, "is \(quoted(text))", allowed)
        }
        return count
    }

    func number(_ field: String, _ range: ClosedRange<Double>) throws(ModelCatalogueError) -> Double {
        let allowed = "a number from \(range.lowerBound) to \(range.upperBound)"
        let text = try digits(field, allowed)
        guard text.utf8.allSatisfy({ 0x30...0x39 ~= $0 || ".-".utf8.contains($0) }), let number = Double(text),
            range.contains(number)
        else {
            throw error(field, "is \(quoted(text))", allowed)
        }
        return number
    }

    func flag(_ field: String) throws(ModelCatalogueError) -> Bool {
        guard let value = node[field] else { throw error(field, "is missing", "true, false") }
        do {
            return try value.flag()
        } catch {
            throw self.error(field, "is \(value.shown)", "true, false, without quotes")
        }
    }

    /// USD per million tokens.
    func amount(_ field: String) throws(ModelCatalogueError) -> Decimal6 {
        let allowed = "an amount such as \"0.125\", at most six decimals, at most 10000"
        let text = try digits(field, allowed)
        guard let amount = Decimal6(text), amount.millionths <= 10_000_000_000 else {
            throw error(field, "is \(quoted(text))", allowed)
        }
        return amount
    }

    /// Factors by name: `{flex: "0.5"}`.
    func factors(_ field: String) throws(ModelCatalogueError) -> [String: Decimal6] {
        let allowed = "service tiers with a factor above 0 and at most 100, such as {flex: \"0.5\"}"
        guard let members = node[field]?.members else { throw error(field, "is no mapping", allowed) }
        var factors: [String: Decimal6] = [:]
        for member in members {
            guard member.value.numberTrap == nil, let factor = member.value.raw.flatMap({ Decimal6($0) }),
                1...100_000_000 ~= factor.millionths
            else { throw error(field, "has \(quoted(member.key)) without a factor", allowed) }
            factors[member.key] = factor
        }
        return factors
    }

    /// A text for people.
    func words(_ field: String) throws(ModelCatalogueError) -> String {
        try properText(field, "some words")
    }

    /// A day that exists.
    func day(_ field: String) throws(ModelCatalogueError) -> String {
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
