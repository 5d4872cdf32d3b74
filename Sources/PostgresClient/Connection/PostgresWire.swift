import BlockingIO
import CPostgres
import Glibc

/// One libpq connection, used on its thread only: connects, sends, waits, collects.
///
/// libpq runs in its non-blocking mode and every wait is a `poll` on the socket and the interrupt's wake-up, with a
/// deadline: a server that is frozen rather than gone, and a cancelled caller, end the wait.
final class PostgresWire {
    /// One round trip with the server.
    struct RoundTrip {
        /// The round trip can commit work by itself: losing the connection leaves the outcome unknown.
        var couldCommit: Bool
        /// Cleaning up goes on although the caller was cancelled.
        var ignoresCancellation = false
        /// Longest silence of the server.
        var patience: Duration
    }

    /// How long the server may take to act on a cancel request, and to report a statement timeout.
    static let grace: Duration = .seconds(5)
    /// How often a cancel request is repeated while the statement still runs.
    private static let cancelInterval: Duration = .milliseconds(200)

    let handle: OpaquePointer
    let interrupt: PostgresInterrupt
    /// The connection cannot be used any more and must not return to the pool.
    private(set) var isBroken = false
    /// The server is none that takes writes, or not any more.
    private(set) var hasFailedOver = false
    /// A pooler lends the server connection for a transaction only: nothing may be SET for the session.
    var sharesServer = false
    /// The route's when the connection was made.
    var generation = 0
    var prepared = PreparedStatements()

    /// Set by the notice receiver when the server ends an idle connection: libpq delivers its last word as a notice.
    private let hasFarewell = UnsafeMutablePointer<Bool>.allocate(capacity: 1)
    private var roundTrip = RoundTrip(couldCommit: false, patience: .zero)
    private var deadline = Deadline(after: .zero)
    /// When the cancel request is repeated; nil while the caller has not cancelled.
    private var nextCancel: Deadline?

    /// Takes over a connection that PQconnectStart made.
    init(owning handle: OpaquePointer, interrupt: PostgresInterrupt) {
        self.handle = handle
        self.interrupt = interrupt
        hasFarewell.initialize(to: false)
        // The default receiver prints notices to standard error.
        PQsetNoticeReceiver(
            handle,
            { context, notice in
                guard let context, let notice, PostgresError.failure(of: notice).severity == "FATAL" else { return }
                context.assumingMemoryBound(to: Bool.self).pointee = true
            }, hasFarewell)
    }

    deinit {
        PQfinish(handle)
        hasFarewell.deallocate()
    }

    var transactionStatus: PGTransactionStatusType { PQtransactionStatus(handle) }
    /// Process id of the server process at the other end.
    var backend: Int32 { PQbackendPID(handle) }
    var isIdle: Bool { transactionStatus == PQTRANS_IDLE }

    /// Whether an idle connection still works, as far as can be told without asking the server: a closed one is
    /// readable, and one that is about to be closed has been told so.
    func isAliveWhileIdle() -> Bool {
        guard !isBroken, PQstatus(handle) == CONNECTION_OK else { return false }
        var entry = pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
        guard poll(&entry, 1, 0) > 0 else { return true }
        // Parameter changes and notices arrive unasked, too.
        guard PQconsumeInput(handle) == 1, PQisBusy(handle) == 0, !hasFarewell.pointee else { return false }
        return poll(&entry, 1, 0) == 0
    }

    func markBroken() {
        isBroken = true
    }

    // MARK: One round trip

    /// Sends with `send` (libpq's 1 for success), then lets `receive` read until nothing is outstanding.
    func perform<Result>(
        _ roundTrip: RoundTrip, send: () -> Int32, receive: () throws(PostgresError) -> Result
    ) throws(PostgresError) -> Result {
        guard !isBroken else { throw PostgresError(.connectionLost, "the connection is gone") }
        self.roundTrip = roundTrip
        if !roundTrip.ignoresCancellation {
            guard interrupt.beginStatement() else { throw Self.cancelledBeforeStart }
        }
        defer { if !roundTrip.ignoresCancellation { interrupt.endStatement() } }
        nextCancel = nil
        extendDeadline()
        guard send() == 1 else { throw failedToSend() }
        try flush()
        return try receive()
    }

    /// Hands everything libpq has buffered to the socket, reading meanwhile so that both sides never wait for each
    /// other.
    func flush() throws(PostgresError) {
        while true {
            let status = PQflush(handle)
            if status == 0 { return }
            guard status == 1 else { throw lost() }
            try wait(writing: true)
        }
    }

    /// The next result of the round trip, nil at the end of a command's results.
    func nextResult() throws(PostgresError) -> OpaquePointer? {
        while PQisBusy(handle) == 1 { try wait(writing: false) }
        return PQgetResult(handle)
    }

    /// Waits until the socket can be written to or has brought something, and takes that in.
    func wait(writing: Bool) throws(PostgresError) {
        let limit = nextCancel.map { deadline.earlier(of: $0) } ?? deadline
        let events = Int16(POLLIN) | (writing ? Int16(POLLOUT) : 0)
        let (socket, eventFD) = SocketWait.poll(
            PQsocket(handle), events, roundTrip.ignoresCancellation ? nil : interrupt.eventFD, until: limit)
        if eventFD { interrupt.eventFD.clear() }
        if socket & Int16(POLLIN | POLLERR | POLLHUP) != 0 {
            guard PQconsumeInput(handle) == 1 else { throw lost() }
        }
        if socket != 0, nextCancel == nil { extendDeadline() }
        if socket == 0 || eventFD || nextCancel != nil { try checkDeadlineAndCancellation() }
    }

    private func checkDeadlineAndCancellation() throws(PostgresError) {
        if !roundTrip.ignoresCancellation, interrupt.isCancelled {
            guard let nextCancel else {
                // The first request has been sent by whoever cancelled.
                nextCancel = Deadline(after: Self.cancelInterval)
                deadline = Deadline(after: Self.grace)
                return
            }
            guard !deadline.hasPassed else {
                isBroken = true
                throw PostgresError(
                    .cancelled, "the server did not act on the cancel request; connection given up",
                    mayHaveCommitted: roundTrip.couldCommit)
            }
            guard nextCancel.hasPassed else { return }
            interrupt.requestCancel(lease: interrupt.lease)
            self.nextCancel = Deadline(after: Self.cancelInterval)
        } else if deadline.hasPassed {
            isBroken = true
            throw PostgresError(
                .connectionLost, "no answer from the server in time", mayHaveCommitted: roundTrip.couldCommit)
        }
    }

    /// Something has moved: the server's silence counts from now.
    func extendDeadline() {
        deadline = Deadline(after: roundTrip.patience + Self.grace)
    }

    // MARK: Results and errors

    /// Reads all results of a command; the first is the answer.
    func collect(of statement: String = "") throws(PostgresError) -> PostgresRows? {
        var answer: PostgresRows?
        var failure: PostgresError?
        while let result = try nextResult() {
            do throws(PostgresError) {
                let rows = try rows(owning: result, of: statement)
                if answer == nil { answer = rows }
            } catch {
                if failure == nil { failure = error }
                // A COPY would hand out the same result for ever; a fatal error is the connection's last.
                if isBroken { break }
            }
        }
        if let failure { throw failure }
        return answer
    }

    /// Turns a finished command's result into rows or an error.
    func rows(owning result: OpaquePointer, of statement: String) throws(PostgresError) -> PostgresRows {
        switch PQresultStatus(result) {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
            return PostgresRows(owning: result, of: statement)
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
            PQclear(result)
            isBroken = true
            throw PostgresError(.other, "COPY is not possible through this call")
        default:
            defer { PQclear(result) }
            throw error(of: result)
        }
    }

    func error(of result: OpaquePointer) -> PostgresError {
        var failure = PostgresError.failure(of: result)
        failure.isConnectionBad = PQstatus(handle) == CONNECTION_BAD
        failure.wasCancelled = interrupt.isCancelled && !roundTrip.ignoresCancellation
        failure.couldCommit = roundTrip.couldCommit
        if failure.isConnectionBad || failure.severity == "FATAL" || failure.severity == "PANIC" { isBroken = true }
        if PostgresError.endsSession(failure.sqlState) { isBroken = true }
        // A session that began while the server was read-only, or outlived its demotion, stays that way for good.
        if failure.sqlState == "25006" { hasFailedOver = true }
        return PostgresError(failure)
    }

    /// libpq has found the connection unusable.
    private func lost() -> PostgresError {
        isBroken = true
        var failure = PostgresFailure(message: String(cString: PQerrorMessage(handle)), isConnectionBad: true)
        failure.couldCommit = roundTrip.couldCommit
        return PostgresError(failure)
    }

    /// libpq refused to send: the connection is bad, or the call was wrong.
    private func failedToSend() -> PostgresError {
        if PQstatus(handle) == CONNECTION_BAD { return lost() }
        return PostgresError(.other, String(cString: PQerrorMessage(handle)).firstLine)
    }

    static var cancelledBeforeStart: PostgresError {
        PostgresError(.cancelled, "cancelled before the statement was sent")
    }
}

extension String {
    var firstLine: String { String(prefix { !$0.isNewline }) }
}
