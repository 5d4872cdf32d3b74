import BlockingIO
import CPostgres

extension PostgresWire {
    /// Makes sure that no cancel request for an earlier statement can hit a later one.
    ///
    /// A request that has been delivered leaves a signal pending in the server at most until the next round trip:
    /// one is made, and whether it is cancelled itself does not matter.
    func settleCancellation() throws(PostgresError) {
        guard !isBroken else { return }
        let deadline = Deadline(after: Self.grace)
        while interrupt.cancelProgress == .inFlight {
            guard !deadline.hasPassed else {
                markBroken()
                throw PostgresError(.connectionLost, "a cancel request hangs; connection given up")
            }
            _ = SocketWait.poll(-1, 0, interrupt.eventFD, until: deadline)
            interrupt.eventFD.clear()
        }
        guard interrupt.cancelProgress == .delivered else { return }
        let roundTrip = RoundTrip(couldCommit: false, ignoresCancellation: true, patience: .zero)
        do throws(PostgresError) {
            _ = try perform(roundTrip) {
                PQsendQuery(handle, "SELECT 1")
            } receive: { () throws(PostgresError) in
                try collect()
            }
        } catch {
            // Cancelled, or refused by a failed transaction: either way the server has been asked and has answered.
            if isBroken { throw error }
        }
        interrupt.settled()
    }

    /// Waits on the connection's thread; a cancelled caller ends the wait.
    func pause(_ duration: Duration) throws(PostgresError) {
        let deadline = Deadline(after: duration)
        while !deadline.hasPassed {
            guard !interrupt.isCancelled else { throw Self.cancelledBeforeStart }
            let (_, eventFD) = SocketWait.poll(-1, 0, interrupt.eventFD, until: deadline)
            if eventFD { interrupt.eventFD.clear() }
        }
    }
}
