import CPostgres

/// Where the database is and how patient its clients are.
///
/// Printing a configuration never shows the password.
public struct PostgresConfiguration: Sendable {
    /// Connections, and so threads, at most.
    public var maximumConnections = 4
    /// Limit of one attempt to connect.
    public var connectTimeout: Duration = .seconds(5)
    /// Limit of one statement, kept by the server; the client gives the connection up shortly after.
    public var statementTimeout: Duration = .seconds(30)
    /// How long a caller waits for a connection, including reconnects.
    public var acquireTimeout: Duration = .seconds(10)
    /// After this long without a statement inside a transaction the server ends the connection, so that a frozen
    /// process does not hold locks.
    public var idleInTransactionTimeout: Duration = .seconds(30)
    /// How often ``PostgresPool/transaction(_:)`` runs its body again after a deadlock or serialization failure.
    public var transactionRetries = 3
    /// Shown in the server's `pg_stat_activity`.
    public var applicationName = "postgres-client"

    /// Lets statements go one by one; nil outside of tests.
    package var statementGate: (any StatementGate)?

    /// What the URL said, by libpq's keywords.
    let parameters: [String: String]

    /// Reads `postgres://`, `postgresql://` or libpq's `keyword=value` text, with libpq's parameters (`sslmode`, …).
    ///
    /// `connect_timeout` and `application_name` set the properties of that name.
    ///
    /// - Throws: `.invalidURL`; the message says what is wrong and never holds the password.
    public init(url: String) throws(PostgresError) {
        parameters = try Self.parse(url)
        if let port = parameters["port"] {
            for part in port.split(separator: ",", omittingEmptySubsequences: false) where !part.isEmpty {
                guard let number = Int(part), (1...65535).contains(number) else {
                    throw PostgresError(.invalidURL, "database URL: the port has to be 1 to 65535")
                }
            }
        }
        if let mode = parameters["sslmode"], !Self.sslModes.contains(mode) {
            throw PostgresError(
                .invalidURL, "database URL: sslmode has to be one of \(Self.sslModes.joined(separator: ", "))")
        }
        if let timeout = parameters["connect_timeout"] {
            guard let seconds = Int(timeout), (0...3600).contains(seconds) else {
                throw PostgresError(.invalidURL, "database URL: connect_timeout has to be a number of seconds")
            }
            if seconds > 0 { connectTimeout = .seconds(seconds) }
        }
        if let name = parameters["application_name"] { applicationName = name }
    }

    private static let sslModes = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]

    private static func parse(_ url: String) throws(PostgresError) -> [String: String] {
        guard !url.isEmpty else { throw PostgresError(.invalidURL, "database URL is empty") }
        guard !url.utf8.contains(0) else { throw PostgresError(.invalidURL, "database URL has a NUL byte") }
        let isURL = url.hasPrefix("postgres://") || url.hasPrefix("postgresql://")
        if !isURL, url.contains("://"), !url.prefix(while: { $0 != ":" }).contains("=") {
            throw PostgresError(.invalidURL, "database URL: the scheme has to be postgres:// or postgresql://")
        }
        var message: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(url, &message) else {
            defer { PQfreemem(message) }
            let text = message.map { String(cString: $0) } ?? "out of memory"
            throw PostgresError(.invalidURL, "database URL: \(withoutSecrets(text))")
        }
        defer { PQconninfoFree(options) }
        var parameters: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { parameters[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        return parameters
    }

    /// libpq quotes parts of the URL, which can hold the password. Only the name of an unknown parameter is kept.
    private static func withoutSecrets(_ message: String) -> String {
        let line = String(message.prefix { !$0.isNewline })
        if line.hasPrefix("invalid URI query parameter") || line.hasPrefix("invalid connection option") { return line }
        guard let quote = line.firstIndex(of: "\"") else { return line }
        var kept = line[..<quote]
        while let last = kept.last, last == " " || last == ":" { kept.removeLast() }
        return "\(kept) …"
    }

    /// libpq's keywords and values for one connection.
    var connectionParameters: [(keyword: String, value: String)] {
        var merged: [String: String] = [
            // Half-open links: probes from 5 s of silence on, unacknowledged data for 10 s ends the connection.
            "keepalives": "1", "keepalives_idle": "5", "keepalives_interval": "2", "keepalives_count": "3",
            "tcp_user_timeout": "10000",
            // Would cost a failing attempt on each connect.
            "gssencmode": "disable",
        ]
        merged.merge(parameters) { _, given in given }
        merged["application_name"] = applicationName
        merged["client_encoding"] = "UTF8"
        return merged.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// What each new connection is told first.
    var settingsSQL: String {
        """
        SET statement_timeout = \(statementTimeout.wholeMilliseconds); \
        SET idle_in_transaction_session_timeout = \(idleInTransactionTimeout.wholeMilliseconds); \
        SET TimeZone = 'UTC'
        """
    }
}

extension PostgresConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Host, port and database.
    public var description: String {
        "postgresql://\(parameters["host"] ?? "local"):\(parameters["port"] ?? "5432")/\(parameters["dbname"] ?? "")"
    }

    /// The same as `description`.
    public var debugDescription: String { description }

    /// Empty: the password is among the children.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension Duration {
    /// At least 1, because the server takes 0 for "no limit".
    var wholeMilliseconds: Int {
        max(1, Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000))
    }
}
