import CPostgres

/// Where the database is and how patient its clients are.
///
/// Printing a configuration never shows the password.
package struct PostgresConfiguration: Sendable {
    /// Connections, and so threads, at most.
    package var maximumConnections = 4
    /// Limit of one attempt to connect.
    package var connectTimeout: Duration = .seconds(5)
    /// Limit of one statement, kept by the server; the client gives the connection up shortly after.
    package var statementTimeout: Duration = .seconds(30)
    /// How long a caller waits for a connection, including reconnects.
    package var acquireTimeout: Duration = .seconds(10)
    /// After this long without a statement inside a transaction the server ends the connection, so that a frozen
    /// process does not hold locks.
    package var idleInTransactionTimeout: Duration = .seconds(30)
    /// How often ``PostgresPool/transaction(_:)`` runs its body again after a deadlock or serialization failure.
    package var transactionRetries = 3
    /// Shown in the server's `pg_stat_activity`.
    package var applicationName = "postgres-client"

    /// Lets statements go one by one; nil outside of tests.
    package var statementGate: (any StatementGate)?

    /// What is between the client and the server.
    package enum Pooler: String, Sendable, CaseIterable {
        /// Nothing: the server itself answers.
        case none
        /// A pooler that keeps a server connection for each of ours: as if there were none.
        case session
        /// A pooler that lends server connections for a transaction. Settings of the session are the role's then:
        /// nothing is SET at connect.
        case transaction
    }

    /// Whether a pooler is between the client and the server, and of which kind.
    package var pooler = Pooler.none

    /// What the URL said, by libpq's keywords.
    private(set) var parameters: [String: String]

    /// Reads `postgres://`, `postgresql://` or libpq's `keyword=value` text, with libpq's parameters (`sslmode`, …).
    ///
    /// `connect_timeout` and `application_name` set the properties of that name.
    ///
    /// - Throws: `.invalidURL`; the message says what is wrong and never holds the password.
    package init(url: String) throws(PostgresError) {
        parameters = try Self.parse(url)
        let ports = Self.list(parameters["port"])
        for case let port? in ports {
            guard let number = Int(port), (1...65535).contains(number) else {
                throw PostgresError(.invalidURL, "database URL: the port has to be 1 to 65535")
            }
        }
        let hosts = max(Self.list(parameters["host"]).count, Self.list(parameters["hostaddr"]).count)
        guard ports.count <= 1 || ports.count == hosts else {
            throw PostgresError(
                .invalidURL,
                "database URL: there are \(ports.count) ports for \(hosts) hosts; there has to be one for "
                    + "all or one for each")
        }
        if let mode = parameters["sslmode"], !Self.sslModes.contains(mode) {
            throw PostgresError(
                .invalidURL, "database URL: sslmode has to be one of \(Self.sslModes.joined(separator: ", "))")
        }
        if let timeout = parameters["connect_timeout"] {
            guard let seconds = Int(timeout), (0...3600).contains(seconds) else {
                throw PostgresError(
                    .invalidURL, "database URL: connect_timeout has to be a number of seconds from 0 to 3600")
            }
            if seconds > 0 { connectTimeout = .seconds(seconds) }
        }
        if let name = parameters["application_name"] { applicationName = name }
    }

    private static let sslModes = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]

    private static func parse(_ url: String) throws(PostgresError) -> [String: String] {
        try checkText(url)
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

    private static func checkText(_ url: String) throws(PostgresError) {
        func refuse(_ reason: String) -> PostgresError { PostgresError(.invalidURL, "database URL: \(reason)") }
        guard !url.isEmpty else { throw PostgresError(.invalidURL, "database URL is empty") }
        guard !url.utf8.contains(0) else { throw PostgresError(.invalidURL, "database URL has a NUL byte") }
        if let first = url.first, let last = url.last, first.isWhitespace || last.isWhitespace {
            throw refuse("there is white space at its beginning or end")
        }
        if let first = url.first, first == "\"" || first == "'" { throw refuse("it stands in quotes: take them off") }
        let isURL = url.hasPrefix("postgres://") || url.hasPrefix("postgresql://")
        guard isURL else {
            if url.contains("://"), !url.prefix(while: { $0 != ":" }).contains("=") {
                throw refuse("the scheme has to be postgres:// or postgresql://")
            }
            return
        }
        guard !url.contains(where: \.isWhitespace) else {
            throw refuse("there is white space in it: a space is written %20")
        }
        guard !url.contains("#") else { throw refuse("a # has to be written %23") }
        // libpq takes the last @ for the end of the password only up to the first slash or question mark.
        let rest = url[(url.firstRange(of: "://")?.upperBound ?? url.startIndex)...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        guard authority.contains("@") || !rest.contains("@") else {
            throw refuse("there is an @ after the host's place: in user and password / is written %2F, ? %3F and @ %40")
        }
    }

    private static let usualParameters =
        "sslmode, sslrootcert, sslcert, sslkey, connect_timeout, application_name, target_session_attrs, options and "
        + "the others of libpq"

    /// libpq quotes parts of the URL, which can hold the password. Only the name of an unknown parameter is kept.
    private static func withoutSecrets(_ message: String) -> String {
        let line = String(message.prefix { !$0.isNewline })
        for beginning in ["invalid URI query parameter: \"", "invalid connection option \""]
        where line.hasPrefix(beginning) {
            let name = line.dropFirst(beginning.count).prefix { $0 != "\"" }
            let isName =
                (1...40).contains(name.utf8.count) && name.allSatisfy { $0.isASCII && ($0.isLetter || $0 == "_") }
            return "unknown parameter\(isName ? " \(name)" : ""); there are \(usualParameters)"
        }
        if line.hasPrefix("invalid percent-encoded token") {
            return "invalid percent-encoded token: % itself is written %25"
        }
        guard let quote = line.firstIndex(of: "\"") else { return line }
        var kept = line[..<quote]
        while let last = kept.last, last == " " || last == ":" { kept.removeLast() }
        return "\(kept) …"
    }

    /// The same server, another database.
    func with(database: String) -> PostgresConfiguration {
        var other = self
        other.parameters["dbname"] = database
        return other
    }

    /// The first of the hosts, if it is one of a network.
    package var firstAddress: (host: String, port: Int)? {
        guard let target = targets.first, let host = target.address ?? target.host, !host.hasPrefix("/") else {
            return nil
        }
        return (host, target.port.flatMap { Int($0) } ?? 5432)
    }

    /// The database's name, if the URL has it.
    package var database: String? { parameters["dbname"] }

    /// libpq's keywords and values for one connection.
    func connectionParameters(for target: PostgresTarget) -> [(keyword: String, value: String)] {
        var merged: [String: String] = [
            // Half-open links: probes from 5 s of silence on, unacknowledged data for 10 s ends the connection.
            "keepalives": "1", "keepalives_idle": "5", "keepalives_interval": "2", "keepalives_count": "3",
            "tcp_user_timeout": "10000",
            // Would cost a failing attempt on each connect.
            "gssencmode": "disable",
        ]
        // Of several hosts one is the primary, and which one it is changes.
        if targets.count > 1 { merged["target_session_attrs"] = "read-write" }
        merged.merge(parameters) { _, given in given }
        merged["host"] = target.host
        merged["hostaddr"] = target.address
        merged["port"] = target.port
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
    package var description: String {
        "postgresql://\(parameters["host"] ?? "local"):\(parameters["port"] ?? "5432")/\(parameters["dbname"] ?? "")"
    }

    package var debugDescription: String { description }

    /// Empty: the password is among the children.
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension Duration {
    /// At least 1, because the server takes 0 for "no limit".
    var wholeMilliseconds: Int {
        max(1, Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000))
    }
}
