import JSON

/// Reads the known fields of a request's body and collects everything that is wrong with them.
///
/// Unknown fields are ignored, so that older servers accept newer clients; `null` stands for an absent field.
struct FieldReader {
    private let object: JSONObject
    private(set) var problems: [ValidationError.Problem] = []

    /// - Throws: if the body is no object.
    init(_ body: JSONValue, message: String) throws(ValidationError) {
        guard case .object(let object) = body else {
            throw ValidationError(
                message, [.init(field: "body", message: "The body must be a JSON object, not \(body.kind)")])
        }
        self.object = object
    }

    /// The value of a field; nil if it is absent or null.
    func value(_ field: String) -> JSONValue? {
        guard let value = object[field], !value.isNull else { return nil }
        return value
    }

    mutating func refuse(_ field: String, _ rule: String) {
        problems.append(.init(field: field, message: "\(Self.label(field)) \(rule)"))
    }

    /// Reads a text.
    ///
    /// - Parameter length: allowed number of Unicode characters, as PostgreSQL counts them.
    mutating func text(_ field: String, length: ClosedRange<Int>, isRequired: Bool) -> String? {
        guard let value = value(field) else {
            if isRequired { refuse(field, "is required: a string of \(Self.words(length)) characters") }
            return nil
        }
        guard let text = value.string else {
            refuse(field, "must be a string, not \(value.kind)")
            return nil
        }
        return check(text, field, length) ? text : nil
    }

    /// Whether a text may be stored; says so if not.
    mutating func check(_ text: String, _ field: String, _ length: ClosedRange<Int>) -> Bool {
        let before = problems.count
        let count = text.unicodeScalars.count
        if text.unicodeScalars.contains("\0") { refuse(field, "must not contain NUL characters") }
        if count > length.upperBound {
            refuse(field, "must be at most \(length.upperBound) characters, not \(count)")
        } else if text.allSatisfy(\.isWhitespace) {
            refuse(field, "must not be blank")
        } else if count < length.lowerBound {
            refuse(field, "must be at least \(length.lowerBound) characters, not \(count)")
        }
        return problems.count == before
    }

    /// Reads one of a few words.
    mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(_ field: String, of: Choice.Type) -> Choice? {
        guard let value = value(field) else { return nil }
        let allowed = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        guard let text = value.string else {
            refuse(field, "must be one of \(allowed), not \(value.kind)")
            return nil
        }
        guard let choice = Choice(rawValue: text) else {
            refuse(field, "must be one of \(allowed)")
            return nil
        }
        return choice
    }

    /// - Throws: everything that was refused.
    func finish(message: String) throws(ValidationError) {
        guard problems.isEmpty else { throw ValidationError(message, problems) }
    }

    /// `user_id` is shown as `User id`.
    private static func label(_ field: String) -> String {
        let words = field.split(separator: "_").joined(separator: " ")
        return words.prefix(1).uppercased() + words.dropFirst()
    }

    private static func words(_ length: ClosedRange<Int>) -> String {
        "\(length.lowerBound) to \(length.upperBound)"
    }
}

extension JSONValue {
    /// The type's name with its article, for messages.
    var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}
