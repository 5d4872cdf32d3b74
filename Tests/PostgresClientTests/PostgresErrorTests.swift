import Testing

@testable import PostgresClient

struct PostgresErrorTests {
    @Test(arguments: [
        ("23505", PostgresError.Code.uniqueViolation), ("23503", .foreignKeyViolation), ("23514", .checkViolation),
        ("23502", .notNullViolation), ("40001", .serializationFailure), ("40P01", .deadlockDetected),
        ("55P03", .lockNotAvailable), ("25P02", .transactionAborted), ("25006", .readOnly),
        ("57P03", .cannotConnectNow),
        ("57P01", .connectionLost), ("57P02", .connectionLost), ("25P03", .connectionLost), ("42P01", .undefinedTable),
        ("42601", .syntax), ("22021", .invalidText), ("53100", .outOfResources), ("53300", .outOfResources),
        ("28P01", .authenticationFailed), ("08006", .connectionLost), ("22012", .other), ("XX000", .other),
    ])
    func sqlStateDecidesTheCode(state: String, code: PostgresError.Code) {
        #expect(PostgresError(PostgresFailure(sqlState: state, severity: "ERROR", message: "m")).code == code)
    }

    @Test func cancelAndTimeoutAreToldApart() {
        var failure = PostgresFailure(sqlState: "57014", severity: "ERROR", message: "due to statement timeout")
        #expect(PostgresError(failure).code == .statementTimeout)
        failure.wasCancelled = true
        #expect(PostgresError(failure).code == .cancelled)
        #expect(
            PostgresError(
                PostgresFailure(sqlState: "57014", message: "canceling statement due to user request")
            ).code == .cancelled)
    }

    @Test func valuesOfDataExceptionsStayOutOfTheMessage() {
        let error = PostgresError(
            PostgresFailure(
                sqlState: "22P02", message: "invalid input syntax for type integer: \"hunter2\"", detail: "hunter2"))
        #expect(error.message == "invalid input syntax for type integer")
        #expect(!"\(error)\(String(reflecting: error))".contains("hunter2"))
        #expect(error.detail == "hunter2")
    }

    @Test func lostConnectionLeavesTheOutcomeOpenOnlyIfItCouldCommit() {
        var failure = PostgresFailure(message: "server closed the connection unexpectedly", isConnectionBad: true)
        #expect(!PostgresError(failure).mayHaveCommitted)
        failure.couldCommit = true
        #expect(PostgresError(failure).mayHaveCommitted)
        #expect(PostgresError(failure).code == .connectionLost)
        failure = PostgresFailure(sqlState: "23505", severity: "ERROR", message: "m", couldCommit: true)
        #expect(!PostgresError(failure).mayHaveCommitted)
    }

    @Test func connectErrorsKeepTheirSQLState() {
        let refused = PostgresError.connectFailure(
            "connection to server at \"h\", port 1 failed: FATAL:  28P01: password authentication failed\nLOCATION: x")
        #expect(refused.sqlState == "28P01")
        #expect(PostgresError(refused).code == .authenticationFailed)
        #expect(!PostgresError(refused).isRetriable)
        let absent = PostgresError.connectFailure("connection to server at \"h\" failed: Connection refused\n\tIs it?")
        #expect(PostgresError(absent).code == .connectionFailed)
        #expect(PostgresError(absent).isRetriable)
        let starting = PostgresError.connectFailure("x failed: FATAL:  57P03: the database system is starting up")
        #expect(PostgresError(starting).code == .cannotConnectNow)
        let noDatabase = PostgresError.connectFailure("x failed: FATAL:  3D000: database \"d\" does not exist")
        #expect(!PostgresError(noDatabase).isRetriable)
    }
}
