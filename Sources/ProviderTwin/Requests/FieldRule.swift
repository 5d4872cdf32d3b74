import JSON

/// What a value of a request may be.
indirect enum FieldRule: Sendable {
    /// Not looked at: parts of the APIs that the twin has no use for.
    case any
    case string
    case boolean
    case integer(ClosedRange<Int>)
    case number(ClosedRange<Double>)
    case choice([String])
    case list(FieldRule)
    /// Members by name; any other is refused.
    case object([String: FieldRule], required: [String] = [])
    /// Any members.
    case dictionary
    /// One text, or a list of what the rule says.
    case stringOrList(FieldRule)
    /// Objects that are told apart by their `type`; nil: those without one.
    case tagged([String?: FieldRule])

    /// Members that are all optional.
    static func members(_ members: [String: FieldRule]) -> FieldRule { .object(members) }
}

/// Holds a request against its rules, and refuses what breaks one in the words of the provider.
struct FieldCheck {
    let provider: Provider

    /// Where a value is, as both providers write it: `input[0].content[1].type`, `messages.0.content.1.type`.
    struct Place {
        var text: String
        fileprivate let provider: Provider

        func member(_ name: String) -> Place {
            Place(text: text.isEmpty ? name : "\(text).\(name)", provider: provider)
        }

        func element(_ index: Int) -> Place {
            Place(text: provider == .openAI ? "\(text)[\(index)]" : "\(text).\(index)", provider: provider)
        }
    }

    var root: Place { Place(text: "", provider: provider) }

    func check(_ value: JSONValue, _ rule: FieldRule, at place: Place) throws(ProviderFailure) {
        switch (rule, value) {
        case (.any, _), (.string, .string), (.boolean, .bool), (.dictionary, .object), (.stringOrList, .string): break
        case (.integer(let range), .number(let number)):
            guard let integer = number.int else { throw wrongType(value, "an integer", place) }
            try check(integer, range, "integer", at: place)
        case (.number(let range), .number(let number)):
            guard let number = number.double else { throw wrongType(value, "a decimal", place) }
            try check(number, range, "decimal", at: place)
        case (.choice(let choices), .string(let text)):
            guard choices.contains(text) else { throw wrongChoice(text, choices, place) }
        case (.list(let rule), .array(let elements)), (.stringOrList(let rule), .array(let elements)):
            for (index, element) in elements.enumerated() { try check(element, rule, at: place.element(index)) }
        case (.object(let rules, let required), .object(let object)):
            try check(object, rules, required, at: place)
        case (.tagged(let rules), .object): try check(value, tagged: rules, at: place)
        default: throw wrongType(value, rule.expectation, place)
        }
    }

    private func check(
        _ object: JSONObject, _ rules: [String: FieldRule], _ required: [String],
        at place: Place
    ) throws(ProviderFailure) {
        for name in required where object[name]?.isNull ?? true {
            throw missing(place.member(name))
        }
        for member in object.members {
            let (key, value) = (member.key, member.value)
            guard let rule = rules[key] else { throw unknown(place.member(key)) }
            // What is null is not said.
            if !value.isNull { try check(value, rule, at: place.member(key)) }
        }
    }

    private func check(
        _ value: JSONValue, tagged rules: [String?: FieldRule], at place: Place
    ) throws(ProviderFailure) {
        let tag = value["type"]
        if let tag, tag.string == nil { throw wrongType(tag, "a string", place.member("type")) }
        guard let rule = rules[tag?.string] else {
            guard let name = tag?.string else { throw missing(place.member("type")) }
            throw wrongTag(name, rules.keys.compactMap(\.self).sorted(), place)
        }
        try check(value, rule, at: place)
    }

    private func check<Number: Comparable>(
        _ number: Number, _ range: ClosedRange<Number>, _ kind: String, at place: Place
    ) throws(ProviderFailure) {
        guard !range.contains(number) else { return }
        let isBelow = number < range.lowerBound
        let bound = isBelow ? range.lowerBound : range.upperBound
        throw provider == .openAI
            ? .invalidRequest(
                "Invalid '\(place.text)': \(kind) \(isBelow ? "below minimum" : "above maximum") value. Expected a value "
                    + "\(isBelow ? ">=" : "<=") \(bound), but got \(number) instead.", param: place.text,
                code: "\(kind)_\(isBelow ? "below_min" : "above_max")_value")
            : .invalidRequest(
                "\(place.text): Input should be \(isBelow ? "greater" : "less") than or equal to \(bound)")
    }
}

// MARK: - Words

extension FieldCheck {
    func unknown(_ place: Place) -> ProviderFailure {
        provider == .openAI
            ? .invalidRequest("Unknown parameter: '\(place.text)'.", param: place.text, code: "unknown_parameter")
            : .invalidRequest("\(place.text): Extra inputs are not permitted")
    }

    func missing(_ place: Place) -> ProviderFailure {
        provider == .openAI ? .missingParameter(place.text) : .invalidRequest("\(place.text): Field required")
    }

    private func wrongType(_ value: JSONValue, _ expected: String, _ place: Place) -> ProviderFailure {
        guard provider == .openAI else {
            let names = [
                "an integer": "integer", "a string": "string", "a boolean": "boolean", "a decimal": "number",
                "an array": "list", "an object": "dictionary",
            ]
            return .invalidRequest("\(place.text): Input should be a valid \(names[expected] ?? expected)")
        }
        return .invalidRequest(
            "Invalid type for '\(place.text)': expected \(expected), but got \(value.kind) instead.", param: place.text,
            code: "invalid_type")
    }

    private func wrongChoice(_ text: String, _ choices: [String], _ place: Place) -> ProviderFailure {
        let quoted = choices.map { "'\($0)'" }
        guard provider == .openAI else {
            let list = quoted.dropLast().joined(separator: ", ")
            return .invalidRequest(
                "\(place.text): Input should be \(list.isEmpty ? "" : "\(list) or ")\(quoted.last ?? "")")
        }
        return .invalidRequest(
            "Invalid value: '\(text.prefix(60))'. Supported values are: \(quoted.joined(separator: ", ")).",
            param: place.text, code: "invalid_value")
    }

    private func wrongTag(_ tag: String, _ tags: [String], _ place: Place) -> ProviderFailure {
        guard provider == .anthropic else { return wrongChoice(tag, tags, place.member("type")) }
        return .invalidRequest(
            "\(place.text): Input tag '\(tag.prefix(60))' found using 'type' does not match any of the expected tags: "
                + tags.map { "'\($0)'" }.joined(separator: ", "))
    }
}

extension FieldRule {
    fileprivate var expectation: String {
        switch self {
        case .any: "a value"
        case .string, .choice: "a string"
        case .boolean: "a boolean"
        case .integer: "an integer"
        case .number: "a decimal"
        case .list: "an array"
        case .object, .dictionary, .tagged: "an object"
        case .stringOrList: "one of a string or an array"
        }
    }
}

extension JSONValue {
    fileprivate var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .number(let number): number.int == nil ? "a decimal number" : "an integer"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}
