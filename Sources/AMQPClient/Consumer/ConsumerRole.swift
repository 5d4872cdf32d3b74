import BlockingIO

/// Keeps subscriptions in force, each on a channel of its own, and settles deliveries in batches.
struct ConsumerRole: ConnectionRole {
    enum Command: Sendable {
        case consume(Request, Subscription.Continuation)
        case cancel(AMQPConsumerTag, CheckedContinuation<Void, Never>)
        case settle([AMQPDelivery.ID], Disposition)
    }

    struct Request: Sendable {
        let queue: String
        let prefetch: UInt16
        let priority: Int?
        let deadline: Instant
    }

    enum Disposition: Sendable {
        case acknowledge
        case reject(requeue: Bool)
    }

    /// For declarations; the subscriptions' channels follow.
    private static let controlChannel: UInt16 = 1
    private static let firstChannel: UInt16 = 2

    let deliveries: AsyncStream<[AMQPDelivery]>.Continuation

    private var keeper: TopologyKeeper
    private var subscriptions: [UInt64: Subscription] = [:]
    private var lastNumber: UInt64 = 0
    /// By channel number from `firstChannel` on; nil: not open.
    private var channels: [ConsumerChannel?] = []
    /// Which place of `channels` a session has.
    private var sessions: [UInt32: Int] = [:]
    private var lastSession: UInt32 = 0
    private var batch: [AMQPDelivery] = []
    private var dispositions: [(tags: [UInt32: [UInt64]], kind: Disposition)] = []
    private var cancellations: [(tag: AMQPConsumerTag, waiter: CheckedContinuation<Void, Never>)] = []
    /// Resumed once what arrived before their cancellation is handed over.
    private var cancelled: [CheckedContinuation<Void, Never>] = []
    private var isConnected = false
    /// Queues that we may not read, and until when it is not worth asking.
    private var deniedQueues: [String: (error: AMQPError, until: Instant)] = [:]
    private static let denialPause: Duration = .seconds(5)

    init(topology: AMQPTopology, deliveries: AsyncStream<[AMQPDelivery]>.Continuation) {
        keeper = TopologyKeeper(topology)
        self.deliveries = deliveries
    }

    mutating func handle(_ command: Command) {
        switch command {
        case .consume(let request, let waiter):
            lastNumber += 1
            subscriptions[lastNumber] = Subscription(
                number: lastNumber, queue: request.queue, prefetch: request.prefetch, priority: request.priority,
                waiter: waiter, deadline: request.deadline)
        case .cancel(let tag, let waiter):
            cancellations.append((tag, waiter))
            if !isConnected { dropCancelled() }
        case .settle(let ids, let kind):
            if isConnected { note(ids, kind) }
        }
    }

    var refusals: RefusalBook { keeper.book }

    mutating func connected(_ connection: BrokerConnection) throws(AMQPError) {
        isConnected = true
        try connection.openChannel(Self.controlChannel)
        try keeper.declareAll(connection, on: Self.controlChannel)
        try attachAll(connection, redeclares: false)
    }

    mutating func work(_ connection: BrokerConnection, isBlocked: Bool) throws(AMQPError) -> Demand {
        try settleNoted(connection)
        try cancelNoted(connection)
        try keeper.retry(connection, on: Self.controlChannel)
        try attachAll(connection, redeclares: true)
        return .input
    }

    mutating func receive(_ frame: InboundFrame, from connection: BrokerConnection) throws(AMQPError) {
        switch frame {
        case .delivered(let channel, let tag, let isRedelivered):
            guard let place = place(of: channel) else { return }
            channels[place]?.begin(tag: tag, isRedelivered: isRedelivered)
        case .header(let channel, let header):
            guard let place = place(of: channel) else { return }
            if let delivery = try channels[place]?.append(header) { batch.append(delivery) }
        case .body(let channel, let fragment):
            guard let place = place(of: channel) else { return }
            if let delivery = try channels[place]?.append(fragment) { batch.append(delivery) }
        case .consumerCancelled(let channel):
            guard let place = place(of: channel), let number = channels[place]?.subscription else { return }
            channels[place]?.subscription = nil
            subscriptions[number]?.postpone()
        case .channelClosed(let channel, _):
            try connection.confirmClose(of: channel)
            if channel == Self.controlChannel { return try connection.openChannel(channel) }
            guard let place = place(of: channel) else { return }
            if let number = forget(place) { subscriptions[number]?.postpone() }
        case .acknowledged, .nacked, .returned, .connectionClosed, .blocked, .unblocked:
            break
        }
    }

    mutating func flush() {
        if !batch.isEmpty {
            deliveries.yield(batch)
            batch = []
        }
        for waiter in cancelled { waiter.resume() }
        cancelled = []
    }

    mutating func disconnected() {
        isConnected = false
        channels = []
        sessions = [:]
        dispositions = []
        batch = []
        dropCancelled()
        for number in Array(subscriptions.keys) {
            subscriptions[number]?.channel = nil
            if subscriptions[number]?.strikes ?? 0 < 2 { subscriptions[number]?.nextAttempt = Instant(nanoseconds: 0) }
            subscriptions[number]?.retryPause.reset()
        }
    }

    var nextDeadline: Instant {
        var next = isConnected ? keeper.book.nextAttempt : .distantFuture
        for subscription in subscriptions.values {
            if subscription.waiter != nil { next = min(next, subscription.deadline) }
            if isConnected, subscription.channel == nil { next = min(next, subscription.nextAttempt) }
        }
        return next
    }

    mutating func expire(_ now: Instant, cause: AMQPError) {
        for subscription in subscriptions.values where subscription.waiter != nil && subscription.deadline <= now {
            end(subscription.number, cause)
        }
    }

    mutating func close(_ error: AMQPError) {
        for number in Array(subscriptions.keys) { end(number, error) }
        dropCancelled()
        flush()
        deliveries.finish()
    }

    // MARK: - Subscriptions

    private mutating func attachAll(_ connection: BrokerConnection, redeclares: Bool) throws(AMQPError) {
        guard subscriptions.values.contains(where: { $0.channel == nil }) else { return }
        let now = Instant.now
        for number in subscriptions.keys.sorted() {
            guard let subscription = subscriptions[number], subscription.channel == nil,
                subscription.nextAttempt <= now
            else { continue }
            // A failed or broken-off subscription: its queue may be gone.
            var verdict =
                keeper.verdict(subscription.queue)
                ?? deniedQueues[subscription.queue].flatMap {
                    now < $0.until ? $0.error : nil
                }
            if verdict == nil, redeclares, subscription.waiter == nil {
                verdict = try keeper.restore(subscription.queue, connection, on: Self.controlChannel)
            }
            if let verdict { fail(number, verdict) } else { try attach(subscription, connection) }
        }
    }

    /// Who asks for the first time is told; otherwise it is tried again when the queue may be there.
    private mutating func fail(_ number: UInt64, _ error: AMQPError) {
        guard let subscription = subscriptions[number] else { return }
        if subscription.waiter != nil { return end(number, error) }
        subscriptions[number]?.postpone()
        if let next = keeper.book.nextAttempt(.queue(subscription.queue)) {
            subscriptions[number]?.nextAttempt = max(next, Instant.now.advanced(by: .milliseconds(50)))
        }
    }

    private mutating func attach(_ subscription: Subscription, _ connection: BrokerConnection) throws(AMQPError) {
        let number = subscription.number
        let place = try freePlace(connection)
        let channel = Self.firstChannel + UInt16(place)
        // Before the request: deliveries may arrive together with its reply.
        channels[place]?.subscription = number
        channels[place]?.queue = subscription.queue
        let failure: ChannelFailure?
        do {
            failure = try consume(subscription, connection, on: channel)
        } catch {
            if error.isConnectionVerdict { strike(subscription, error) }
            throw error
        }
        if let failure {
            _ = forget(place)
            keeper.note(.consuming(subscription.queue), failure.error)
            if failure.error.code == .accessRefused {
                deniedQueues[subscription.queue] = (failure.error, Instant.now.advanced(by: Self.denialPause))
            }
            return fail(number, failure.error)
        }
        keeper.note(.consuming(subscription.queue), nil)
        deniedQueues[subscription.queue] = nil
        subscriptions[number]?.channel = channel
        subscriptions[number]?.retryPause.reset()
        subscriptions[number]?.strikes = 0
        subscriptions[number]?.waiter = nil
        subscription.waiter?.resume(returning: .success(AMQPConsumerTag(number: number)))
    }

    private func consume(
        _ subscription: Subscription, _ connection: BrokerConnection, on channel: UInt16
    ) throws(AMQPError) -> ChannelFailure? {
        if let failure = try connection.limitPrefetch(subscription.prefetch, on: channel) { return failure }
        return try connection.consume(
            subscription.queue, consumerTag: subscription.consumerTag, priority: subscription.priority, on: channel)
    }

    /// One queue that the broker closes connections for must not end the others' deliveries for ever.
    private mutating func strike(_ subscription: Subscription, _ error: AMQPError) {
        if subscription.waiter != nil { return end(subscription.number, error) }
        subscriptions[subscription.number]?.strike()
    }

    private mutating func cancelNoted(_ connection: BrokerConnection) throws(AMQPError) {
        while let (tag, _) = cancellations.first {
            if let subscription = subscriptions[tag.number], let channel = subscription.channel {
                let failure = try connection.cancel(consumerTag: subscription.consumerTag, on: channel)
                if let place = place(of: channel) {
                    channels[place]?.subscription = nil
                    if failure != nil { _ = forget(place) }
                }
                // The reply came behind the last deliveries, which the library kept meanwhile.
                while connection.hasBufferedFrames {
                    try connection.readFrames(limit: 1) { frame throws(AMQPError) in
                        try receive(frame, from: connection)
                    }
                }
            }
            end(tag.number, AMQPError(.cancelled, "the subscription was cancelled"))
            cancelled.append(cancellations.removeFirst().waiter)
        }
    }

    /// Without a connection there is nothing to tell the broker.
    private mutating func dropCancelled() {
        for (tag, waiter) in cancellations {
            end(tag.number, AMQPError(.cancelled, "the subscription was cancelled"))
            waiter.resume()
        }
        cancellations = []
    }

    private mutating func end(_ number: UInt64, _ error: AMQPError) {
        subscriptions.removeValue(forKey: number)?.waiter?.resume(returning: .failure(error))
    }

    // MARK: - Channels

    private func place(of channel: UInt16) -> Int? {
        let place = Int(channel) - Int(Self.firstChannel)
        return channels.indices.contains(place) && channels[place] != nil ? place : nil
    }

    /// A channel that nobody uses, opened if need be.
    private mutating func freePlace(_ connection: BrokerConnection) throws(AMQPError) -> Int {
        if let place = channels.firstIndex(where: { $0?.isFree == true }) { return place }
        let place = channels.firstIndex { $0 == nil } ?? channels.count
        try connection.openChannel(Self.firstChannel + UInt16(place))
        lastSession &+= 1
        if place == channels.count { channels.append(nil) }
        channels[place] = ConsumerChannel(session: lastSession)
        sessions[lastSession] = place
        return place
    }

    /// The broker closed the channel; returns whose it was.
    private mutating func forget(_ place: Int) -> UInt64? {
        guard let channel = channels[place] else { return nil }
        sessions[channel.session] = nil
        channels[place] = nil
        return channel.subscription
    }

    // MARK: - Settling

    private mutating func note(_ ids: [AMQPDelivery.ID], _ kind: Disposition) {
        var rest = ids[...]
        while let session = rest.first?.session {
            let run = rest.prefix { $0.session == session }
            rest = rest[run.endIndex...]
            if case .acknowledge = kind, let last = dispositions.indices.last,
                case .acknowledge = dispositions[last].kind
            {
                dispositions[last].tags[session, default: []].append(contentsOf: run.map(\.tag))
            } else {
                dispositions.append(([session: run.map(\.tag)], kind))
            }
        }
    }

    private mutating func settleNoted(_ connection: BrokerConnection) throws(AMQPError) {
        guard !dispositions.isEmpty else { return }
        let noted = dispositions
        dispositions = []
        try connection.corked { () throws(AMQPError) in
            for (tags, kind) in noted {
                for (session, tags) in tags {
                    // Of an older connection or a closed channel: the broker has taken them back.
                    guard let place = sessions[session], let frames = channels[place]?.window.settle(tags) else {
                        continue
                    }
                    let channel = Self.firstChannel + UInt16(place)
                    if let tag = frames.upTo { try send(kind, tag, multiple: true, channel, connection) }
                    for tag in frames.single { try send(kind, tag, multiple: false, channel, connection) }
                }
            }
        }
    }

    private func send(
        _ kind: Disposition, _ tag: UInt64, multiple: Bool, _ channel: UInt16, _ connection: BrokerConnection
    ) throws(AMQPError) {
        switch kind {
        case .acknowledge:
            try connection.acknowledge(tag, multiple: multiple, on: channel)
        case .reject(let requeue):
            try connection.reject(tag, multiple: multiple, requeue: requeue, on: channel)
        }
    }
}
