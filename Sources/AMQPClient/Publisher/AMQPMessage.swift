/// A message to publish.
package struct AMQPMessage: Sendable, Equatable {
    /// Empty: the default exchange, which routes to the queue named by ``routingKey``.
    package var exchange: String
    /// At most 255 bytes.
    package var routingKey: String
    /// Any bytes; larger ones than a frame are split and joined again.
    package var body: [UInt8]
    /// Counts only in queues declared with `x-max-priority`.
    package var priority: UInt8?
    /// Written to disk by durable queues before it is confirmed.
    package var isPersistent: Bool
    /// A MIME type.
    package var contentType: String?
    /// Text for consumers and headers exchanges.
    package var headers: [String: String]
    /// For consumers; neither broker nor client looks at it.
    package var messageID: String?
    /// An unroutable message fails the publish instead of vanishing. The client sets such a message's
    /// correlation-id, by which it recognises a returned message.
    package var isMandatory: Bool

    /// A message; persistent and mandatory, to the queue named by the routing key, unless said otherwise.
    package init(
        exchange: String = "", routingKey: String, body: [UInt8], priority: UInt8? = nil, isPersistent: Bool = true,
        contentType: String? = nil, headers: [String: String] = [:], messageID: String? = nil,
        isMandatory: Bool = true
    ) {
        self.exchange = exchange
        self.routingKey = routingKey
        self.body = body
        self.priority = priority
        self.isPersistent = isPersistent
        self.contentType = contentType
        self.headers = headers
        self.messageID = messageID
        self.isMandatory = isMandatory
    }

    /// What the protocol cannot carry, nil if it can carry the message.
    func problem(frameMax: Int) -> String? {
        for (name, value) in [
            ("exchange", exchange), ("routing key", routingKey), ("content type", contentType ?? ""),
            ("message id", messageID ?? ""),
        ] where value.utf8.count > 255 {
            return "\(name) is longer than 255 bytes"
        }
        guard !headers.isEmpty else { return nil }
        var headerBytes = 0
        for (key, value) in headers {
            if key.utf8.count > 255 { return "a header's name is longer than 255 bytes" }
            headerBytes += key.utf8.count + value.utf8.count + 6
        }
        // Properties travel in one frame: the rest of the header frame is below 1 KiB.
        return headerBytes > frameMax - 1024 ? "headers do not fit into one frame" : nil
    }
}
