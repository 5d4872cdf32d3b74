import CRabbitMQ

/// A frame from the broker, copied out of the library's buffers.
enum InboundFrame {
    case acknowledged(tag: UInt64, multiple: Bool)
    case nacked(tag: UInt64, multiple: Bool)
    /// The header and body frames that follow are the message's.
    case returned(channel: UInt16, replyCode: Int, text: String)
    case delivered(channel: UInt16, tag: UInt64, isRedelivered: Bool)
    case header(channel: UInt16, ContentHeader)
    case body(channel: UInt16, [UInt8])
    /// The broker ended a subscription: its queue is gone.
    case consumerCancelled(channel: UInt16)
    case channelClosed(channel: UInt16, AMQPError)
    case connectionClosed(AMQPError)
    case blocked(reason: String)
    case unblocked

    /// Nil for frames that need no reaction.
    init?(_ frame: amqp_frame_t) {
        let channel = frame.channel
        switch Int32(frame.frame_type) {
        case AMQP_FRAME_HEADER:
            guard let decoded = frame.payload.properties.decoded else { return nil }
            self = .header(
                channel: channel,
                ContentHeader(
                    decoded.load(as: amqp_basic_properties_t.self), bodySize: frame.payload.properties.body_size))
        case AMQP_FRAME_BODY:
            let fragment = frame.payload.body_fragment
            self = .body(channel: channel, [UInt8](UnsafeRawBufferPointer(start: fragment.bytes, count: fragment.len)))
        case AMQP_FRAME_METHOD:
            guard let method = Self.method(frame.payload.method, channel: channel) else { return nil }
            self = method
        default: return nil
        }
    }

    private static func method(_ method: amqp_method_t, channel: UInt16) -> InboundFrame? {
        guard let decoded = method.decoded else { return nil }
        switch method.id {
        case AMQP_BASIC_ACK_METHOD:
            let ack = decoded.load(as: amqp_basic_ack_t.self)
            return .acknowledged(tag: ack.delivery_tag, multiple: ack.multiple != 0)
        case AMQP_BASIC_DELIVER_METHOD:
            let delivery = decoded.load(as: amqp_basic_deliver_t.self)
            return .delivered(
                channel: channel, tag: delivery.delivery_tag, isRedelivered: delivery.redelivered != 0)
        case AMQP_BASIC_NACK_METHOD:
            let nack = decoded.load(as: amqp_basic_nack_t.self)
            return .nacked(tag: nack.delivery_tag, multiple: nack.multiple != 0)
        case AMQP_BASIC_RETURN_METHOD:
            let returned = decoded.load(as: amqp_basic_return_t.self)
            return .returned(
                channel: channel, replyCode: Int(returned.reply_code), text: String(returned.reply_text))
        case AMQP_BASIC_CANCEL_METHOD: return .consumerCancelled(channel: channel)
        case AMQP_CHANNEL_CLOSE_METHOD: return .channelClosed(channel: channel, .verdict(method))
        case AMQP_CONNECTION_CLOSE_METHOD: return .connectionClosed(.verdict(method))
        case AMQP_CONNECTION_BLOCKED_METHOD:
            return .blocked(reason: String(decoded.load(as: amqp_connection_blocked_t.self).reason))
        case AMQP_CONNECTION_UNBLOCKED_METHOD: return .unblocked
        default: return nil
        }
    }
}
