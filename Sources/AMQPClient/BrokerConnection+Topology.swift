extension BrokerConnection {
    /// Declares everything on a channel that is open and stays open. An entity that the broker refuses, for example
    /// because it exists with other properties, does not keep the others from being declared.
    ///
    /// - Returns: the first refusal, nil if there was none.
    func declare(_ topology: AMQPTopology, on channel: UInt16) throws(AMQPError) -> AMQPError? {
        var first: AMQPError?
        func note(_ error: AMQPError?) throws(AMQPError) {
            guard let error else { return }
            first = first ?? error
            try openChannel(channel)
        }
        for exchange in topology.exchanges {
            try note(declare(exchange, on: channel)?.error)
        }
        for queue in topology.queues {
            if case .failure(let error) = try declare(queue, on: channel) { try note(error) }
        }
        for binding in topology.bindings {
            try note(bind(binding, on: channel)?.error)
        }
        return first
    }
}
