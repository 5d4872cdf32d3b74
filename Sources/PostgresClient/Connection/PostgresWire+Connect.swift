import BlockingIO
import CPostgres
import Glibc

extension PostgresWire {
    /// Makes a connection: within the configuration's timeout, and no longer than the caller waits.
    ///
    /// Several hosts are tried one after another, and each gets its share of the time: one that is silent leaves enough
    /// for the next.
    static func connect(
        _ configuration: PostgresConfiguration, route: PostgresRoute, interrupt: PostgresInterrupt,
        until callerDeadline: Deadline
    ) throws(PostgresError) -> PostgresWire {
        let generation = route.generation
        let deadline = Deadline(after: configuration.connectTimeout).earlier(of: callerDeadline)
        let targets = route.ordered(configuration.targets.flatMap(\.resolved))
        var failures: [PostgresError] = []
        for (index, target) in targets.enumerated() {
            do throws(PostgresError) {
                let wire = try connect(
                    configuration, target, interrupt: interrupt, until: deadline.share(among: targets.count - index))
                wire.generation = generation
                route.answered(target)
                return wire
            } catch {
                interrupt.setKey(nil)
                guard error.code != .cancelled else { throw error }
                failures.append(error)
            }
        }
        throw .connecting(failures)
    }

    private static func connect(
        _ configuration: PostgresConfiguration, _ target: PostgresTarget, interrupt: PostgresInterrupt,
        until deadline: Deadline
    ) throws(PostgresError) -> PostgresWire {
        let wire = try start(configuration.connectionParameters(for: target), interrupt: interrupt)
        try wire.finishConnecting(until: deadline)
        // Back from the mode that put SQLSTATEs into connection errors.
        PQsetErrorVerbosity(wire.handle, PQERRORS_DEFAULT)
        PQsetnonblocking(wire.handle, 1)
        interrupt.setKey(CancelKey(of: wire.handle))
        wire.sharesServer = configuration.pooler == .transaction
        if !wire.sharesServer { try wire.apply(configuration) }
        return wire
    }

    private static func start(
        _ parameters: [(keyword: String, value: String)], interrupt: PostgresInterrupt
    ) throws(PostgresError) -> PostgresWire {
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
            let (socket, eventFD) = SocketWait.poll(PQsocket(handle), events, interrupt.eventFD, until: deadline)
            if eventFD { interrupt.eventFD.clear() }
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
            _ = try perform(RoundTrip(couldCommit: false, patience: configuration.connectTimeout)) {
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

extension Deadline {
    /// The end of the next of equal shares of the time that is left.
    fileprivate func share(among count: Int) -> Deadline {
        let left = ContinuousClock.now.duration(to: instant)
        return left > .zero ? Deadline(after: left / count) : self
    }
}

extension PostgresError {
    /// What became of all the hosts: one that may come back decides, because then waiting helps.
    ///
    /// - Precondition: there is one.
    fileprivate static func connecting(_ failures: [PostgresError]) -> PostgresError {
        guard let first = failures.first(where: \.isRetriable) ?? failures.first else {
            return PostgresError(.connectionFailed, "there is no host to connect to")
        }
        let others = failures.filter { $0 != first }.map(\.message)
        guard !others.isEmpty else { return first }
        return PostgresError(
            first.code, ([first.message] + others).joined(separator: "; "), sqlState: first.sqlState,
            isRetriable: first.isRetriable)
    }
}
