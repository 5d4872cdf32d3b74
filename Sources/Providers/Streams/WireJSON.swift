internal import FleetCore
import JSON

/// The JSON that a server frames its answer with. Read leniently: what matters is what is read of it, and the answer
/// inside is judged strictly.
///
/// Compared with ``JSONValue``: a doubled key means its last value, a comma may stand before a closing bracket, a bare
/// word that is no JSON value (`NaN`, `None`) stands for null, control characters may stand in strings, and half of a
/// surrogate pair is U+FFFD. Invalid UTF-8 and nesting without end are refused all the same.
struct WireJSON {
    /// The half of a surrogate pair with which a string begins or ends.
    struct Halves: Equatable {
        var first: UInt16?
        var last: UInt16?
    }

    let value: JSONValue
    /// The halves of strings that have any, by what the string reads as: two strings of one event that read the same are
    /// the same for whoever joins them.
    let halves: [String: Halves]

    init(_ bytes: [UInt8]) throws(WireError) {
        if let strict = try? JSONValue(parsing: bytes) {
            (value, halves) = (strict, [:])
        } else {
            var parser = WireParser(bytes)
            value = try parser.document()
            halves = parser.halves
        }
    }

    private init(value: JSONValue, halves: [String: Halves]) {
        (self.value, self.halves) = (value, halves)
    }

    /// For events whose name says everything.
    static let null = WireJSON(value: .null, halves: [:])

    /// A part of the same text.
    func with(_ value: JSONValue) -> WireJSON { WireJSON(value: value, halves: halves) }

    subscript(key: String) -> JSONValue? { value[key] }
}

/// Why bytes are no JSON even for a lenient reader.
struct WireError: Error, Equatable, CustomStringConvertible {
    /// The bytes end too early: what is there may be the beginning of JSON.
    var isCut = false
    let offset: Int

    var description: String { isCut ? "it ends inside a value" : "not JSON at byte \(offset)" }
}

/// Text that comes in pieces, between which a surrogate pair may have been torn apart.
struct JoinedText {
    private(set) var text = ""
    private var pending: UInt16?

    var isEmpty: Bool { text.isEmpty }

    mutating func append(_ piece: String, _ halves: WireJSON.Halves?) {
        guard !piece.isEmpty else { return }
        if let high = pending, let low = halves?.first, let scalar = WireParser.scalar(high, low) {
            // Both halves read as U+FFFD by themselves.
            text.unicodeScalars.removeLast()
            text.unicodeScalars.append(scalar)
            text.unicodeScalars.append(contentsOf: piece.unicodeScalars.dropFirst())
        } else {
            text += piece
        }
        pending = halves?.last
    }
}
