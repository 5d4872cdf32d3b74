package import JSON

/// Checks a model's answer against its schema and says what is wrong in words that a model can act on.
package struct OutputValidator: Sendable {
    /// What became of an answer.
    package enum Outcome: Sendable, Equatable {
        case valid(JSONValue)
        /// At most ten problems, each as `/json/pointer: problem, expected`.
        case invalid([String])
    }

    /// More problems than this help nobody.
    package static let errorLimit = 10

    private let schema: CompiledSchema

    /// Checks any number of answers against one schema.
    package init(schema: CompiledSchema) {
        self.schema = schema
    }

    /// Parses the text and checks the value.
    package func validate(_ text: String) -> Outcome {
        do throws(JSONError) {
            return validate(try JSONValue(parsing: text))
        } catch {
            return .invalid(["/: is not JSON (\(error)), expected one JSON value and nothing else"])
        }
    }

    /// Checks a value.
    package func validate(_ value: JSONValue) -> Outcome {
        var errors: [String] = []
        check(value, schema.root, "", &errors)
        return errors.isEmpty ? .valid(value) : .invalid(errors)
    }

    private func check(_ value: JSONValue, _ index: Int, _ pointer: String, _ errors: inout [String]) {
        guard errors.count < Self.errorLimit else { return }
        let node = schema.nodes[index]
        if let reference = node.reference { check(value, reference, pointer, &errors) }
        if node.isNever { return report("is not allowed", "nothing here", pointer, &errors) }
        if let types = node.types, !types.contains(where: { $0.matches(value) }) {
            let expected = types.map(\.rawValue).joined(separator: " or ")
            return report("is \(Self.shown(value))", expected, pointer, &errors)
        }
        if let values = node.values, !values.contains(value) {
            let expected = values.map(Self.shown).joined(separator: ", ")
            return report(
                "is \(Self.shown(value))", values.count == 1 ? expected : "one of \(expected)", pointer, &errors)
        }
        switch value {
        case .object(let object): check(object, node, pointer, &errors)
        case .array(let elements): check(elements, node, pointer, &errors)
        case .string(let text): checkLength(of: text, node, pointer, &errors)
        case .number(let number): check(number, node, pointer, &errors)
        case .null, .bool: break
        }
        if !node.anyOf.isEmpty { checkChoices(value, node.anyOf, pointer, &errors) }
    }

    private func check(
        _ object: JSONObject, _ node: CompiledSchema.Node, _ pointer: String, _ errors: inout [String]
    ) {
        for key in node.required where object[key] == nil {
            report("the member \(Self.quoted(key)) is missing", "it to be present", pointer, &errors)
        }
        for (key, child) in node.properties {
            if let value = object[key] { check(value, child, pointer + "/" + SchemaCompiler.escaped(key), &errors) }
        }
        if case .allowed = node.additional { return }
        let known = Set(node.properties.map(\.key))
        for member in object.members where !known.contains(member.key) {
            switch node.additional {
            case .allowed: break
            case .forbidden:
                let expected = node.properties.map { Self.quoted($0.key) }.joined(separator: ", ")
                report(
                    "the member \(Self.quoted(member.key)) is not known",
                    expected.isEmpty ? "no members" : "only \(expected)", pointer, &errors)
            case .schema(let child):
                check(member.value, child, pointer + "/" + SchemaCompiler.escaped(member.key), &errors)
            }
        }
    }

    private func check(
        _ elements: [JSONValue], _ node: CompiledSchema.Node, _ pointer: String, _ errors: inout [String]
    ) {
        if !node.itemCount.contains(elements.count) {
            report("has \(elements.count) elements", Self.shown(node.itemCount), pointer, &errors)
        }
        guard let items = node.items else { return }
        for (index, element) in elements.enumerated() { check(element, items, "\(pointer)/\(index)", &errors) }
    }

    private func checkLength(
        of text: String, _ node: CompiledSchema.Node, _ pointer: String, _ errors: inout [String]
    ) {
        guard node.length != 0...Int.max else { return }
        let count = text.unicodeScalars.count
        if !node.length.contains(count) {
            report("has \(count) characters", Self.shown(node.length), pointer, &errors)
        }
    }

    private func check(
        _ number: JSONNumber, _ node: CompiledSchema.Node, _ pointer: String, _ errors: inout [String]
    ) {
        // A number beyond the range of Double is beyond every limit that a schema can state.
        let value = number.double ?? (number.text.hasPrefix("-") ? -Double.infinity : .infinity)
        if let minimum = node.minimum, value < minimum {
            report("is \(number.text)", "at least \(minimum)", pointer, &errors)
        }
        if let maximum = node.maximum, value > maximum {
            report("is \(number.text)", "at most \(maximum)", pointer, &errors)
        }
        if let minimum = node.exclusiveMinimum, value <= minimum {
            report("is \(number.text)", "more than \(minimum)", pointer, &errors)
        }
        if let maximum = node.exclusiveMaximum, value >= maximum {
            report("is \(number.text)", "less than \(maximum)", pointer, &errors)
        }
    }

    private func checkChoices(_ value: JSONValue, _ choices: [Int], _ pointer: String, _ errors: inout [String]) {
        var candidates: [[String]] = []
        for choice in choices {
            var found: [String] = []
            check(value, choice, pointer, &found)
            if found.isEmpty { return }
            if accepts(choice, typeOf: value) { candidates.append(found) }
        }
        // With one form of the value's type, typically beside `null`, its own problems say more.
        if candidates.count == 1 {
            errors.append(contentsOf: candidates[0].prefix(Self.errorLimit - errors.count))
        } else {
            report("is \(Self.shown(value))", "one of \(choices.count) forms of the schema", pointer, &errors)
        }
    }

    private func accepts(_ index: Int, typeOf value: JSONValue) -> Bool {
        let node = schema.nodes[index]
        if let reference = node.reference, !accepts(reference, typeOf: value) { return false }
        guard let types = node.types else { return !node.isNever }
        return types.contains { $0.matches(value) }
    }

    // MARK: Words

    private func report(_ problem: String, _ expected: String, _ pointer: String, _ errors: inout [String]) {
        guard errors.count < Self.errorLimit else { return }
        errors.append("\(pointer.isEmpty ? "/" : pointer): \(problem), expected \(expected)")
    }

    private static func shown(_ value: JSONValue) -> String {
        switch value {
        case .object: "an object"
        case .array: "an array"
        default: value.serialized().shown
        }
    }

    private static func quoted(_ key: String) -> String { JSONValue.string(key).serialized().shown }

    private static func shown(_ range: ClosedRange<Int>) -> String {
        range.upperBound == .max ? "\(range.lowerBound) or more" : "\(range.lowerBound) to \(range.upperBound)"
    }
}
