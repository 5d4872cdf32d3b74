import FleetCore
import JSON
import PostgresClient

/// What the fleet's columns hold besides plain values. A value that this program does not know makes the row
/// unreadable: ``StoreError/Code/unreadableRow``.
extension PostgresRow {
    /// A value of a closed set.
    mutating func known<Value: RawRepresentable<String>>(_ column: StaticString) throws -> Value {
        let text: String = try self(column)
        guard let value = Value(rawValue: text) else {
            throw StoreError(.unreadableRow, "unknown \(column) '\(text)': written by a newer program?")
        }
        return value
    }

    /// A value of a closed set; nil also for one that is not in it.
    mutating func ifKnown<Value: RawRepresentable<String>>(_ column: StaticString) throws -> Value? {
        (try self(column) as String?).flatMap(Value.init)
    }

    /// The number of a priority.
    mutating func priority(_ column: StaticString) throws -> Priority { Priority(rank: try self(column)) ?? .medium }

    /// The text of a JSON column.
    mutating func json(_ column: StaticString) throws -> JSONValue? {
        guard let text: String = try self(column) else { return nil }
        do {
            return try JSONValue(parsing: text)
        } catch {
            throw StoreError(.unreadableRow, "a JSON column, \(column), cannot be read: \(error)")
        }
    }

    /// The texts in a JSON array.
    mutating func strings(_ column: StaticString) throws -> [String] {
        try json(column)?.array?.compactMap(\.string) ?? []
    }

    /// Whole micro-dollars.
    mutating func money(_ column: StaticString) throws -> Decimal6? {
        (try self(column) as Int?).map { Decimal6(millionths: $0) }
    }
}
