/// An open channel of the consuming connection. It serves one subscription at a time; what it delivered stays
/// acknowledgeable after the subscription ended, and once nothing is outstanding another one may use it.
struct ConsumerChannel {
    let session: UInt32
    /// Nil: no subscription, deliveries may be outstanding.
    var subscription: UInt64?
    var queue = ""
    var window = AcknowledgementWindow()

    private var assembly = ContentAssembly()
    private var tag: UInt64 = 0
    private var isRedelivered = false

    init(session: UInt32) {
        self.session = session
    }

    var isFree: Bool { subscription == nil && window.outstandingCount == 0 }

    mutating func begin(tag: UInt64, isRedelivered: Bool) {
        self.tag = tag
        self.isRedelivered = isRedelivered
        assembly.begin()
    }

    mutating func append(_ header: ContentHeader) throws(AMQPError) -> AMQPDelivery? {
        try delivery(assembly.append(header))
    }

    mutating func append(_ fragment: [UInt8]) throws(AMQPError) -> AMQPDelivery? {
        try delivery(assembly.append(fragment))
    }

    private mutating func delivery(_ content: (ContentHeader, [UInt8])?) throws(AMQPError) -> AMQPDelivery? {
        guard let (header, body) = content else { return nil }
        guard window.deliver(tag) else { throw AMQPError(.protocolError, "a gap in the delivery tags") }
        return AMQPDelivery(
            id: AMQPDelivery.ID(session: session, tag: tag), queue: queue, body: body, isRedelivered: isRedelivered,
            priority: header.priority, messageID: header.messageID, headers: header.headers,
            deaths: header.deaths)
    }
}
