import CRabbitMQ

/// Writes that wait for no reply. Each may block while the socket is full: ask ``isWritable()`` before.
extension BrokerConnection {
    /// - Parameter correlationID: set on the message if not nil.
    func publish(_ message: AMQPMessage, correlationID: String?, on channel: UInt16) throws(AMQPError) {
        let status = withProperties(of: message, correlationID: correlationID) { properties in
            withBytes(of: message.exchange) { exchange in
                withBytes(of: message.routingKey) { routingKey in
                    message.body.withUnsafeBytes { body in
                        withUnsafePointer(to: properties) { properties in
                            amqp_basic_publish(
                                handle, channel, exchange, routingKey, message.isMandatory ? 1 : 0, 0, properties,
                                amqp_bytes_t(
                                    len: body.count, bytes: UnsafeMutableRawPointer(mutating: body.baseAddress)))
                        }
                    }
                }
            }
        }
        guard status == AMQP_STATUS_OK.rawValue else { throw .status(status, while: "publishing") }
    }

    func acknowledge(_ tag: UInt64, multiple: Bool, on channel: UInt16) throws(AMQPError) {
        let status = amqp_basic_ack(handle, channel, tag, multiple ? 1 : 0)
        guard status == AMQP_STATUS_OK.rawValue else { throw .status(status, while: "acknowledging") }
    }

    func reject(_ tag: UInt64, multiple: Bool, requeue: Bool, on channel: UInt16) throws(AMQPError) {
        let status = amqp_basic_nack(handle, channel, tag, multiple ? 1 : 0, requeue ? 1 : 0)
        guard status == AMQP_STATUS_OK.rawValue else { throw .status(status, while: "rejecting") }
    }

    private func withProperties<Result>(
        of message: AMQPMessage, correlationID: String?, _ body: (amqp_basic_properties_t) -> Result
    ) -> Result {
        var properties = amqp_basic_properties_t()
        var flags = AMQP_BASIC_DELIVERY_MODE_FLAG
        properties.delivery_mode = message.isPersistent ? 2 : 1
        if let priority = message.priority {
            flags |= AMQP_BASIC_PRIORITY_FLAG
            properties.priority = priority
        }
        if message.contentType != nil { flags |= AMQP_BASIC_CONTENT_TYPE_FLAG }
        if message.messageID != nil { flags |= AMQP_BASIC_MESSAGE_ID_FLAG }
        if correlationID != nil { flags |= AMQP_BASIC_CORRELATION_ID_FLAG }
        if !message.headers.isEmpty { flags |= AMQP_BASIC_HEADERS_FLAG }
        properties._flags = amqp_flags_t(flags)
        return withBytes(of: message.contentType ?? "") { contentType in
            properties.content_type = contentType
            return withBytes(of: message.messageID ?? "") { messageID in
                properties.message_id = messageID
                return withBytes(of: correlationID ?? "") { correlationID in
                    properties.correlation_id = correlationID
                    guard !message.headers.isEmpty else { return body(properties) }
                    return withFieldTable(message.headers.map { ($0.key, .string($0.value)) }) { headers in
                        properties.headers = headers
                        return body(properties)
                    }
                }
            }
        }
    }
}
