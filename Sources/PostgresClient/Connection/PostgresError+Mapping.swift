import CPostgres

/// What the server or libpq said of a failure, before it is classified.
struct PostgresFailure {
    var sqlState: String?
    /// Not localized: ERROR, FATAL or PANIC.
    var severity: String?
    var message: String
    var detail: String?
    var constraint: String?
    /// libpq has given the connection up.
    var isConnectionBad = false
    /// No connection existed yet.
    var isConnecting = false
    /// The calling task was cancelled.
    var wasCancelled = false
    /// The round trip could have committed by itself.
    var couldCommit = false
}

extension PostgresError {
    /// Classifies a failure: the one place where SQLSTATEs become codes.
    init(_ failure: PostgresFailure) {
        let isFatal = failure.severity == "FATAL" || failure.severity == "PANIC" || failure.isConnectionBad
        let code = Code(failure, isFatal: isFatal)
        let isPermanent = failure.isConnecting && failure.sqlState == "3D000"
        self.init(
            code, Self.loggable(failure.message, sqlState: failure.sqlState), sqlState: failure.sqlState,
            detail: failure.detail, constraint: failure.constraint,
            mayHaveCommitted: isFatal && failure.couldCommit && !failure.isConnecting,
            isRetriable: isPermanent ? false : nil)
    }

    /// Whether a session is of no use after this state, although the server may not say so: another server has taken
    /// over, or this one is going.
    static func endsSession(_ sqlState: String?) -> Bool {
        guard let sqlState else { return false }
        return ["25006", "57P01", "57P02", "57P03", "57P05", "25P03"].contains(sqlState) || sqlState.hasPrefix("08")
    }

    /// The message's first line. Data exceptions (class 22) quote the offending value: it is taken out.
    private static func loggable(_ message: String, sqlState: String?) -> String {
        let line = String(message.prefix { !$0.isNewline })
        if sqlState == "42P05" || sqlState == "26000" {
            return line + ": a pooler lends server connections for a transaction only and does not carry prepared "
                + "statements along; see MIXMYAI_DATABASE_POOLER"
        }
        if sqlState == "08P01", let advice = poolerAdvice(line) { return line + ": " + advice }
        guard let sqlState, sqlState.hasPrefix("22"), let quote = line.firstIndex(of: "\"") else { return line }
        var kept = line[..<quote]
        while let last = kept.last, last == " " || last == ":" { kept.removeLast() }
        return String(kept)
    }

    /// What a pooler has too few of; its words are all that tells.
    private static func poolerAdvice(_ line: String) -> String? {
        if line.contains("query_wait_timeout") {
            return
                "the pooler had no server connection free in time; if the server answers it, raise its default_pool_size "
                + "or lower MIXMYAI_DATABASE_CONNECTIONS"
        }
        if line.contains("max_client_conn") {
            return "raise max_client_conn of the pooler, or lower MIXMYAI_DATABASE_CONNECTIONS of the processes"
        }
        return nil
    }

    /// Reads the fields of an error result.
    static func failure(of result: OpaquePointer) -> PostgresFailure {
        func field(_ code: Int32) -> String? { PQresultErrorField(result, code).map { String(cString: $0) } }
        return PostgresFailure(
            sqlState: field(DiagnosticField.sqlState), severity: field(DiagnosticField.severity),
            message: field(DiagnosticField.messagePrimary) ?? String(cString: PQresultErrorMessage(result)),
            detail: field(DiagnosticField.messageDetail), constraint: field(DiagnosticField.constraintName))
    }

    /// Takes libpq's text of a failed connection attempt apart. It was made with verbose errors, so that the
    /// SQLSTATE stands in it ("… failed: FATAL:  28P01: password …"): libpq has no other way to it here.
    static func connectFailure(_ text: String) -> PostgresFailure {
        var message = text
        var sqlState: String?
        var severity: String?
        // The severity before it ("FATAL:  ") may be in another language.
        for marker in text.ranges(of: ":  ") {
            let rest = text[marker.upperBound...]
            let candidate = rest.prefix(5)
            guard rest.dropFirst(5).hasPrefix(": "),
                candidate.utf8.allSatisfy({ (48...57).contains($0) || (65...90).contains($0) })
            else { continue }
            sqlState = String(candidate)
            severity = "FATAL"
            message = String(rest.dropFirst(7))
            break
        }
        return PostgresFailure(sqlState: sqlState, severity: severity, message: message, isConnecting: true)
    }
}

/// libpq's PG_DIAG_* character constants, which are macros over character literals and do not import.
private enum DiagnosticField {
    static let severity = Int32(UInt8(ascii: "V"))
    static let sqlState = Int32(UInt8(ascii: "C"))
    static let messagePrimary = Int32(UInt8(ascii: "M"))
    static let messageDetail = Int32(UInt8(ascii: "D"))
    static let constraintName = Int32(UInt8(ascii: "n"))
}

extension PostgresError.Code {
    fileprivate init(_ failure: PostgresFailure, isFatal: Bool) {
        guard let state = failure.sqlState else {
            self = failure.isConnecting ? .connectionFailed : isFatal ? .connectionLost : .other
            return
        }
        switch state {
        case "57014":
            // One SQLSTATE for both; the text tells an administrator's cancel from a timeout where it is English.
            self = failure.wasCancelled || failure.message.contains("user request") ? .cancelled : .statementTimeout
        case "57P03": self = .cannotConnectNow
        case "57P01", "57P02", "57P05", "25P03": self = failure.isConnecting ? .cannotConnectNow : .connectionLost
        case "23505": self = .uniqueViolation
        case "23503": self = .foreignKeyViolation
        case "23514": self = .checkViolation
        case "23502": self = .notNullViolation
        case "40001": self = .serializationFailure
        case "40P01": self = .deadlockDetected
        case "55P03": self = .lockNotAvailable
        case "25P02": self = .transactionAborted
        case "25006": self = .readOnly
        case "42P01": self = .undefinedTable
        case "42P05", "26000": self = .statementCollision
        case "42501": self = .permissionDenied
        case "42601": self = .syntax
        case "22021", "22P05": self = .invalidText
        case "28000", "28P01": self = .authenticationFailed
        case _ where state.hasPrefix("53"): self = .outOfResources
        case _ where failure.isConnecting: self = .connectionFailed
        case _ where isFatal || state.hasPrefix("08"): self = .connectionLost
        default: self = .other
        }
    }
}
