/// A request about a queue, with who waits for it.
struct QueueRequest: Sendable {
    typealias Continuation<Value> = CheckedContinuation<Result<Value, AMQPError>, Never>

    enum Action: Sendable {
        case declare(AMQPQueue, Continuation<AMQPQueueStatus>)
        case inspect(String, Continuation<AMQPQueueStatus>)
        case purge(String, Continuation<Int>)
        case delete(String, Continuation<Int>)
    }

    let action: Action
    let deadline: Instant

    /// Performs it and resumes the caller, also when the broker refuses. The channel is open afterwards.
    ///
    /// - Throws: if the connection is lost; then the caller still waits.
    func perform(
        _ connection: BrokerConnection, on channel: UInt16, _ keeper: inout TopologyKeeper
    ) throws(AMQPError) {
        let isChannelClosed =
            switch action {
            case .declare(let queue, let continuation):
                Self.finish(continuation, try keeper.status(of: queue, connection, on: channel), isReopened: true)
            case .inspect(let name, let continuation):
                Self.finish(
                    continuation, try connection.declare(AMQPQueue(name: name), isPassive: true, on: channel))
            case .purge(let queue, let continuation):
                Self.finish(continuation, try connection.purge(queue, on: channel))
            case .delete(let queue, let continuation):
                Self.finish(continuation, try connection.delete(queue, on: channel))
            }
        if isChannelClosed { try connection.openChannel(channel) }
    }

    func fail(_ error: AMQPError) {
        switch action {
        case .declare(_, let continuation), .inspect(_, let continuation):
            continuation.resume(returning: .failure(error))
        case .purge(_, let continuation), .delete(_, let continuation): continuation.resume(returning: .failure(error))
        }
    }

    private static func finish<Value: Sendable>(
        _ continuation: Continuation<Value>, _ result: Result<Value, AMQPError>, isReopened: Bool = false
    ) -> Bool {
        continuation.resume(returning: result)
        if case .failure = result { return !isReopened }
        return false
    }
}
