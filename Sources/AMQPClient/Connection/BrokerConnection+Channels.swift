import CRabbitMQ

/// A request failed on one channel only: the broker has closed it, the connection lives on.
struct ChannelFailure {
    let error: AMQPError
}

/// Requests that wait for their reply. Frames that arrive meanwhile are kept for ``readFrames(limit:_:)``.
///
/// They throw when the connection is lost, and return a failure when the broker closed the channel, which is then
/// free to be opened again.
extension BrokerConnection {
    func openChannel(_ channel: UInt16) throws(AMQPError) {
        _ = amqp_channel_open(handle, channel)
        if let failure = try outcome(on: channel, "opening a channel") { throw failure.error }
    }

    func selectConfirms(_ channel: UInt16) throws(AMQPError) {
        _ = amqp_confirm_select(handle, channel)
        if let failure = try outcome(on: channel, "selecting confirms") { throw failure.error }
    }

    /// Answers the broker's close of a channel that happened outside of a request.
    func confirmClose(of channel: UInt16) throws(AMQPError) {
        var closeOK = amqp_channel_close_ok_t()
        let status = amqp_send_method(handle, channel, AMQP_CHANNEL_CLOSE_OK_METHOD, &closeOK)
        guard status == AMQP_STATUS_OK.rawValue else { throw .status(status, while: "closing a channel") }
    }

    /// - Parameter isPassive: only looks whether it is there, under whatever properties.
    func declare(
        _ exchange: AMQPExchange, isPassive: Bool = false, on channel: UInt16
    ) throws(AMQPError) -> ChannelFailure? {
        withBytes(of: exchange.name) { name in
            withBytes(of: exchange.kind) { kind in
                _ = amqp_exchange_declare(
                    handle, channel, name, kind, isPassive ? 1 : 0, exchange.isDurable ? 1 : 0, 0, 0,
                    amqp_table_t(num_entries: 0, entries: nil))
            }
        }
        return try outcome(on: channel, "declaring an exchange")
    }

    /// - Parameter isPassive: only looks whether it is there, under whatever properties.
    func declare(
        _ queue: AMQPQueue, isPassive: Bool = false, on channel: UInt16
    ) throws(AMQPError) -> Result<AMQPQueueStatus, AMQPError> {
        let arguments = queue.arguments.map { ($0.key, FieldValue($0.value)) }
        let status = withBytes(of: queue.name) { name in
            withFieldTable(arguments) { arguments in
                amqp_queue_declare(
                    handle, channel, name, isPassive ? 1 : 0, queue.isDurable ? 1 : 0, queue.isExclusive ? 1 : 0,
                    queue.isAutoDelete ? 1 : 0, arguments
                ).map { reply in
                    AMQPQueueStatus(
                        name: String(reply.pointee.queue), messageCount: Int(reply.pointee.message_count),
                        consumerCount: Int(reply.pointee.consumer_count))
                }
            }
        }
        return try result(status, on: channel, "declaring a queue")
    }

    func bind(_ binding: AMQPBinding, on channel: UInt16) throws(AMQPError) -> ChannelFailure? {
        withBytes(of: binding.queue) { queue in
            withBytes(of: binding.exchange) { exchange in
                withBytes(of: binding.routingKey) { routingKey in
                    _ = amqp_queue_bind(
                        handle, channel, queue, exchange, routingKey, amqp_table_t(num_entries: 0, entries: nil))
                }
            }
        }
        return try outcome(on: channel, "binding a queue")
    }

    func purge(_ queue: String, on channel: UInt16) throws(AMQPError) -> Result<Int, AMQPError> {
        let count = withBytes(of: queue) { queue in
            amqp_queue_purge(handle, channel, queue).map { Int($0.pointee.message_count) }
        }
        return try result(count, on: channel, "purging a queue")
    }

    /// - Parameter ifUnused: refused while anybody consumes it.
    func delete(
        _ queue: String, ifUnused: Bool = false, on channel: UInt16
    ) throws(AMQPError) -> Result<Int, AMQPError> {
        let count = withBytes(of: queue) { queue in
            amqp_queue_delete(handle, channel, queue, ifUnused ? 1 : 0, 0).map { Int($0.pointee.message_count) }
        }
        return try result(count, on: channel, "deleting a queue")
    }

    func limitPrefetch(_ count: UInt16, on channel: UInt16) throws(AMQPError) -> ChannelFailure? {
        _ = amqp_basic_qos(handle, channel, 0, count, 0)
        return try outcome(on: channel, "setting the prefetch")
    }

    func consume(
        _ queue: String, consumerTag: String, priority: Int?, on channel: UInt16
    ) throws(AMQPError) -> ChannelFailure? {
        let arguments = priority.map { [("x-priority", FieldValue.int(Int64($0)))] } ?? []
        withBytes(of: queue) { queue in
            withBytes(of: consumerTag) { consumerTag in
                withFieldTable(arguments) { arguments in
                    _ = amqp_basic_consume(handle, channel, queue, consumerTag, 0, 0, 0, arguments)
                }
            }
        }
        return try outcome(on: channel, "consuming")
    }

    func cancel(consumerTag: String, on channel: UInt16) throws(AMQPError) -> ChannelFailure? {
        withBytes(of: consumerTag) { _ = amqp_basic_cancel(handle, channel, $0) }
        return try outcome(on: channel, "cancelling a consumer")
    }

    private func result<Value>(
        _ value: Value?, on channel: UInt16, _ action: String
    ) throws(AMQPError) -> Result<Value, AMQPError> {
        if let failure = try outcome(on: channel, action) { return .failure(failure.error) }
        guard let value else { throw AMQPError(.protocolError, "no reply, while \(action)") }
        return .success(value)
    }

    private func outcome(on channel: UInt16, _ action: String) throws(AMQPError) -> ChannelFailure? {
        let reply = amqp_get_rpc_reply(handle)
        let error = AMQPError.reply(reply, while: action)
        let isChannelClosed =
            reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION && reply.reply.id == AMQP_CHANNEL_CLOSE_METHOD
        amqp_maybe_release_buffers_on_channel(handle, channel)
        guard let error else { return nil }
        guard isChannelClosed else { throw error }
        try confirmClose(of: channel)
        return ChannelFailure(error: error)
    }
}
