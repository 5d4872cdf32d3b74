/// Any JSON value (RFC 8259), numbers with their exact text, objects with their members in order.
package enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)

    /// Reads one JSON text.
    ///
    /// Strict: nothing but white space around the value, no duplicate keys, no lone surrogates, valid UTF-8, at most
    /// 128 arrays and objects inside one another.
    package init(parsing text: some StringProtocol) throws(JSONError) {
        self = try JSONParser.parse(text.utf8)
    }

    /// Reads one JSON text from its UTF-8 bytes, as strictly as ``init(parsing:)-(StringProtocol)``.
    package init(parsing bytes: some Collection<UInt8>) throws(JSONError) {
        self = try JSONParser.parse(bytes)
    }

    /// Reads the JSON value that a text begins with, as strictly as ``init(parsing:)-(StringProtocol)``, and ignores what
    /// follows it.
    package init(prefixOf bytes: some Collection<UInt8>) throws(JSONError) {
        self = try JSONParser.parsePrefix(bytes)
    }

    /// Reads any number of JSON values that stand one after another, each as strictly as ``init(parsing:)-(StringProtocol)``.
    ///
    /// - Returns: each value with the offset of its first byte; the place of an error is that in the whole text.
    package static func sequence(
        parsing bytes: [UInt8]
    ) throws(JSONError) -> [(offset: Int, value: JSONValue)] {
        try JSONParser.parseSequence(bytes)
    }

    /// The value as compact JSON text.
    ///
    /// - Parameter sortedKeys: whether members are ordered by key, so that equal objects give equal text.
    package func serialized(sortedKeys: Bool = false) -> String {
        var writer = JSONWriter()
        writer.write(self, sortedKeys: sortedKeys)
        return writer.text
    }
}

extension JSONValue {
    /// The member of that name; nil if this is no object or has no such member.
    package subscript(key: String) -> JSONValue? {
        guard case .object(let object) = self else { return nil }
        return object[key]
    }

    /// The text, if this is a string.
    package var string: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// The truth value, if this is one.
    package var bool: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }

    /// The number, if it is one without a fraction that fits; `2.0` and `2e0` count as 2.
    package var int: Int? {
        guard case .number(let number) = self else { return nil }
        return number.int
    }

    /// The nearest floating point number, if this is a number in its range.
    package var double: Double? {
        guard case .number(let number) = self else { return nil }
        return number.double
    }

    /// The elements, if this is an array.
    package var array: [JSONValue]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }

    /// The members, if this is an object.
    package var object: JSONObject? {
        guard case .object(let object) = self else { return nil }
        return object
    }

    /// Whether this is `null`.
    package var isNull: Bool { self == .null }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    /// A literal text is a JSON string, not JSON to be read.
    package init(stringLiteral value: String) { self = .string(value) }
    /// `true` and `false` stand for themselves.
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    /// A whole number, exactly.
    package init(integerLiteral value: Int) { self = .number(JSONNumber(value)) }
    /// Elements in order; they may be of different types.
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    /// `nil` is the value `null`, not an absent member.
    package init(nilLiteral: ()) { self = .null }

    /// Of equal keys the last one wins.
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        var object = JSONObject()
        for (key, value) in elements { object[key] = value }
        self = .object(object)
    }
}
