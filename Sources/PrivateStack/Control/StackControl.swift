import Glibc

/// Talks to the supervisor of a state directory from another process.
package struct StackControl: Sendable {
    /// Whose supervisor is asked.
    package let state: StateDirectory

    /// Asks nothing yet.
    package init(_ state: StateDirectory) { self.state = state }

    /// What runs.
    ///
    /// - Throws: `.notRunning`.
    package func status() async throws(PrivateStackError) -> StackStatus {
        let reply = try await ask(ControlRequest(command: .status), seconds: 10)
        guard let status = reply.status else {
            throw PrivateStackError(.system, "the supervisor's answer has no status")
        }
        return status
    }

    /// Waits until every process is ready: for whoever finds a stack that somebody else is just starting.
    ///
    /// - Throws: `.notRunning` if it ends meanwhile, `.timedOut`.
    package func waitUntilReady(within limit: Duration) async throws(PrivateStackError) -> StackStatus {
        let deadline = ContinuousClock.now + limit
        while true {
            let status = try await status()
            if status.isReady { return status }
            guard ContinuousClock.now < deadline else {
                let late = status.processes.filter { $0.state != .ready }.map(\.name).joined(separator: ", ")
                throw PrivateStackError(.timedOut, "not ready: \(late)")
            }
            do {
                try await Task.sleep(for: .milliseconds(100))
            } catch {
                throw PrivateStackError(.interrupted, "interrupted")
            }
        }
    }

    /// Sets the number of workers; returns when the new ones are ready and the superfluous ones have ended.
    ///
    /// - Throws: `.notRunning`, `.conflict` while the stack starts or stops, `.startFailed`.
    package func scaleWorkers(to count: Int) async throws(PrivateStackError) {
        try await ask(ControlRequest(command: .scale, count: count), seconds: 120)
    }

    /// Ends a process in order and starts it again; returns when it is ready.
    ///
    /// - Throws: `.notRunning`, `.unknownProcess`, `.startFailed`.
    package func restart(_ name: String) async throws(PrivateStackError) {
        try await ask(ControlRequest(command: .restart, name: name), seconds: 120)
    }

    /// Ends a process until ``start(_:)``: the time to look at, or delete, a server's data.
    package func stop(_ name: String) async throws(PrivateStackError) {
        try await ask(ControlRequest(command: .stop, name: name), seconds: 120)
    }

    /// Lets a worker finish what it has in flight, however long that takes, and end until ``start(_:)``. Returns at once:
    /// the status says when it has ended.
    ///
    /// - Throws: `.notRunning`, `.unknownProcess`, `.conflict` if it is no worker.
    package func drain(_ name: String) async throws(PrivateStackError) {
        try await ask(ControlRequest(command: .drain, name: name), seconds: 10)
    }

    /// Starts a stopped process, or one waiting for its next start; returns when it is ready.
    package func start(_ name: String) async throws(PrivateStackError) {
        try await ask(ControlRequest(command: .start, name: name), seconds: 120)
    }

    /// Stops the stack in order, or clears up after a supervisor that was killed.
    ///
    /// - Parameter purge: also delete everything the stack made, data and credentials included.
    /// - Returns: false if no stack was running.
    /// - Throws: `.foreignDirectory` if there is something to delete that is not ours, `.timedOut`.
    @discardableResult
    package func down(purge: Bool = false) async throws(PrivateStackError) -> Bool {
        guard access(state.path, F_OK) == 0 else { return false }
        guard state.isOurs else {
            if purge { try state.purge() }
            return false
        }
        var wasRunning = true
        do {
            try await ask(ControlRequest(command: .down), seconds: 180)
        } catch  where error.code == .notRunning {
            wasRunning = false
        }
        let lock = try await StackLock.acquire(state, within: .seconds(15))
        defer { withExtendedLifetime(lock) {} }
        // Nothing is left after an orderly stop; after a killed supervisor there may be.
        try await OrphanReaper.end(in: state, logger: .silent)
        for file in [state.processes, state.environment] { try StateDirectory.remove(file) }
        if purge { try state.purge() }
        return wasRunning
    }

    @discardableResult
    private func ask(_ request: ControlRequest, seconds: Int) async throws(PrivateStackError) -> ControlReply {
        let state = state
        let result = await BlockingCall.run("control-client") { () -> Result<ControlReply, PrivateStackError> in
            Result { () throws(PrivateStackError) in
                let descriptor = try ControlSocket.connect(in: state)
                defer { close(descriptor) }
                ControlSocket.limit(descriptor, seconds: seconds)
                ControlSocket.write(request, to: descriptor)
                guard let reply = ControlSocket.read(ControlReply.self, from: descriptor) else {
                    throw PrivateStackError(.timedOut, "the supervisor gave no answer within \(seconds) s")
                }
                return reply
            }
        }
        let reply = try result.get()
        if let error = reply.error {
            throw PrivateStackError(reply.errorCode.flatMap(PrivateStackError.Code.init) ?? .system, error)
        }
        return reply
    }
}
