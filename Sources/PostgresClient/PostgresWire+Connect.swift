import BlockingIO
import CPostgres
import Glibc

extension PostgresWire {
    /// Makes a connection: within the configuration's timeout, and no longer than the caller waits.
    static func connect(
        _ configuration: PostgresConfiguration, interrupt: PostgresInterrupt, until callerDeadline: Deadline
    ) throws(PostgresError) -> PostgresWire {
        let wire = try start(configuration, interrupt: interrupt)
        let deadline = Deadline(after: configuration.connectTimeout).earlier(of: callerDeadline)
        try wire.finishConnecting(until: deadline)
        // Back from the mode that put SQLSTATEs into connection errors.
        PQsetErrorVerbosity(wire.handle, PQERRORS_DEFAULT)
        PQsetnonblocking(wire.handle, 1)
        interrupt.setKey(CancelKey(of: wire.handle))
        try wire.apply(configuration)
        return wire
    }

    private static func start(
        _ configuration: PostgresConfiguration, interrupt: PostgresInterrupt
    ) throws(PostgresError) -> PostgresWire {
        let parameters = configuration.connectionParameters
        let keywords = parameters.map { strdup($0.keyword) }
        let values = parameters.map { strdup($0.value) }
        defer { (keywords + values).forEach { free($0) } }
        // libpq wants both lists to end with a null pointer.
        let started = PQconnectStartParams(
            keywords.map { UnsafePointer($0) } + [nil], values.map { UnsafePointer($0) } + [nil], 0)
        guard let started else { throw PostgresError(.outOfResources, "out of memory for a connection") }
        let wire = PostgresWire(owning: started, interrupt: interrupt)
        PQsetErrorVerbosity(started, PQERRORS_VERBOSE)
        guard PQstatus(started) != CONNECTION_BAD else { throw wire.connectError() }
        return wire
    }

    private func finishConnecting(until deadline: Deadline) throws(PostgresError) {
        // libpq: before the first poll behave as if it had asked for writing.
        var events = Int16(POLLOUT)
        while true {
            let (socket, wakeUp) = SocketWait.poll(PQsocket(handle), events, interrupt.wakeUp, until: deadline)
            if wakeUp { interrupt.wakeUp.clear() }
            guard !interrupt.isCancelled else { throw PostgresError(.cancelled, "cancelled while connecting") }
            if socket != 0 {
                switch PQconnectPoll(handle) {
                case PGRES_POLLING_OK: return
                case PGRES_POLLING_READING: events = Int16(POLLIN)
                case PGRES_POLLING_WRITING: events = Int16(POLLOUT)
                default: throw connectError()
                }
            } else if deadline.hasPassed {
                let host = PQhost(handle).map { String(cString: $0) } ?? ""
                let port = PQport(handle).map { String(cString: $0) } ?? ""
                throw PostgresError(.connectionFailed, "no connection to \(host):\(port) in time")
            }
        }
    }

    /// Tells the server the session's settings. Losing the connection here is still a failure to connect.
    private func apply(_ configuration: PostgresConfiguration) throws(PostgresError) {
        do throws(PostgresError) {
            _ = try perform(Exchange(couldCommit: false, patience: configuration.connectTimeout)) {
                PQsendQuery(handle, configuration.settingsSQL)
            } receive: { () throws(PostgresError) in
                try collect()
            }
        } catch {
            guard error.code == .connectionLost else { throw error }
            throw PostgresError(.connectionFailed, error.message, sqlState: error.sqlState)
        }
    }

    private func connectError() -> PostgresError {
        PostgresError(PostgresError.connectFailure(String(cString: PQerrorMessage(handle))))
    }
}
