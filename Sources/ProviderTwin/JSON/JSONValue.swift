/// A parsed JSON value. Objects keep the order of their members; duplicate keys keep the last value on look-up.
enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSONValue])
    indirect case object([(key: String, value: JSONValue)])

    var isNull: Bool { self == .null }

    var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    var bool: Bool? {
        if case .bool(let flag) = self { flag } else { nil }
    }

    var number: Double? {
        if case .number(let number) = self { number } else { nil }
    }

    /// The number, when it is whole.
    var integer: Int? {
        if case .number(let number) = self { Int(exactly: number) } else { nil }
    }

    var array: [JSONValue]? {
        if case .array(let items) = self { items } else { nil }
    }

    var members: [(key: String, value: JSONValue)]? {
        if case .object(let members) = self { members } else { nil }
    }

    subscript(key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.key == key }?.value
    }

    /// The strings of an array, everything else left out.
    var strings: [String] { array?.compactMap(\.string) ?? [] }

    static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let one), .bool(let two)): one == two
        case (.number(let one), .number(let two)): one == two
        case (.string(let one), .string(let two)): one == two
        case (.array(let one), .array(let two)): one == two
        case (.object(let one), .object(let two)):
            one.count == two.count && zip(one, two).allSatisfy { $0.key == $1.key && $0.value == $1.value }
        default: false
        }
    }
}
