/// What is prepared on one connection.
///
/// A statement is prepared once per combination of parameter types: a NULL has no type, so the same statement can
/// come with a type the server inferred and with one given.
struct PreparedStatements {
    private struct Variant {
        var types: [UInt32]
        var serverName: String
    }

    private struct Entry {
        var sql: String
        var variants: [Variant] = []
    }

    private var entries: [String: Entry] = [:]
    /// Statements that went stale, with what their texts end with since.
    private var endings: [String: String] = [:]
    /// Server-side names are never used twice: a statement that failed or went stale leaves its name behind.
    private var counter = 0

    /// The server's name for the statement with these parameters, nil if it has to be prepared first.
    ///
    /// - Throws: `.other` if the name is in use for another text.
    func serverName(
        of statement: PostgresStatement, _ parameters: [PostgresValue]
    ) throws(PostgresError) -> String? {
        guard let entry = entries[statement.name] else { return nil }
        guard entry.sql == statement.sql else {
            throw PostgresError(.other, "two statements are named \(statement.name)")
        }
        return entry.variants.first { variant in
            variant.types.count == parameters.count
                && zip(variant.types, parameters).allSatisfy { $1 == .null || $0 == $1.type }
        }?.serverName
    }

    /// A new server-side name.
    mutating func newName(for statement: PostgresStatement) -> String {
        counter += 1
        // The server keeps 63 bytes.
        return "\(counter)_\(statement.name.prefix(40))"
    }

    /// The text to prepare.
    ///
    /// A pooler that carries statements knows them by their texts: the same text again is the same stale statement.
    func text(of statement: PostgresStatement) -> String {
        statement.sql + (endings[statement.name] ?? "")
    }

    mutating func add(_ statement: PostgresStatement, types: [UInt32], serverName: String) {
        entries[statement.name, default: Entry(sql: statement.sql)].variants
            .append(Variant(types: types, serverName: serverName))
    }

    /// The server has invalidated the statement: it is prepared anew when it is next used.
    ///
    /// - Returns: the names it had.
    mutating func forget(_ statement: PostgresStatement) -> [String] {
        endings[statement.name] = "\n-- \(UInt32.random(in: 0...UInt32.max))"
        return entries.removeValue(forKey: statement.name)?.variants.map(\.serverName) ?? []
    }
}
