import DequeModule

/// Publishes in confirm mode, at most a window of messages unconfirmed, and publishes again what a lost connection
/// or channel left unconfirmed.
struct PublisherRole: ConnectionRole {
    enum Command: Sendable {
        case publish(PublishRequest, PublishRequest.Continuation)
        case cancel(PublishRequest)
        case control(QueueRequest)
    }

    /// One message of a request.
    struct Entry {
        let request: PublishRequest
        let index: Int

        var exchange: String { request.messages[index].exchange }
    }

    /// Confirms come on the one, declarations go over the other: an error closes a channel.
    static let publishChannel: UInt16 = 1
    static let controlChannel: UInt16 = 2

    let window: Int

    private var keeper: TopologyKeeper
    private var isConnected = false
    /// Requests with messages never sent.
    private var pending = Deque<PublishRequest>()
    /// Messages to send again, before any other.
    private var resend = Deque<Entry>()
    private var unconfirmed = ConfirmTracker<Entry>()
    /// The broker's words for the unconfirmed messages that it has returned.
    private var returned: [UInt64: AMQPError] = [:]
    private var returnReason: AMQPError?
    private var assembly = ContentAssembly()
    private var controls = Deque<QueueRequest>()
    /// How many messages to send one by one: the broker closed the channel because of one of them.
    private var suspectCount = 0
    private var nextRequestDeadline = Instant.distantFuture
    /// Exchanges that the last publish to them was refused for.
    private var closedExchanges: Set<String> = []

    init(topology: AMQPTopology, window: Int) {
        keeper = TopologyKeeper(topology)
        self.window = max(window, 1)
    }

    var refusals: RefusalBook { keeper.book }

    var nextDeadline: Instant {
        isConnected ? min(nextRequestDeadline, keeper.book.nextAttempt) : nextRequestDeadline
    }

    mutating func handle(_ command: Command) {
        switch command {
        case .publish(let request, let continuation):
            request.begin(continuation)
            guard !request.isFinished else { return }
            pending.append(request)
            nextRequestDeadline = min(nextRequestDeadline, request.deadline)
        case .cancel(let request):
            fail(AMQPError(.cancelled, "the publishing task was cancelled")) { $0 === request }
            // It may have overtaken the publish itself.
            request.fail(AMQPError(.cancelled, "the publishing task was cancelled"), unsettled: [])
        case .control(let request):
            controls.append(request)
            nextRequestDeadline = min(nextRequestDeadline, request.deadline)
        }
    }

    mutating func connected(_ connection: BrokerConnection) throws(AMQPError) {
        try connection.openChannel(Self.controlChannel)
        closedExchanges = []
        try keeper.declareAll(connection, on: Self.controlChannel)
        try openPublishChannel(connection)
        isConnected = true
    }

    mutating func work(_ connection: BrokerConnection, isBlocked: Bool) throws(AMQPError) -> Demand {
        // A blocked broker reads nothing: a write could wait for ever.
        if isBlocked { return .input }
        try keeper.retry(connection, on: Self.controlChannel)
        while let control = controls.first {
            try perform(control, connection)
            controls.removeFirst()
        }
        guard resend.count + pending.count > 1 || (pending.first?.messages.count ?? 0) > 1 else {
            return try publish(connection)
        }
        return try connection.corked { () throws(AMQPError) in try publish(connection) }
    }

    mutating func receive(_ frame: InboundFrame, from connection: BrokerConnection) throws(AMQPError) {
        switch frame {
        case .acknowledged(let tag, let multiple):
            settle(tag, multiple: multiple, error: nil)
        case .nacked(let tag, let multiple):
            settle(tag, multiple: multiple, error: AMQPError(.nacked, "the broker refused the message"))
        case .returned(_, let replyCode, let text):
            returnReason = AMQPError(.unroutable, text, replyCode: replyCode)
            assembly.begin()
        case .header(_, let header):
            if let (header, _) = assembly.append(header) { noteReturned(header) }
        case .body(_, let fragment):
            if let (header, _) = assembly.append(fragment) { noteReturned(header) }
        case .channelClosed(let channel, let error):
            try connection.confirmClose(of: channel)
            if channel == Self.publishChannel {
                publishChannelClosed(error)
                try openPublishChannel(connection)
            } else {
                try connection.openChannel(channel)
            }
        case .delivered, .consumerCancelled, .connectionClosed, .blocked, .unblocked:
            break
        }
    }

    private mutating func perform(_ control: QueueRequest, _ connection: BrokerConnection) throws(AMQPError) {
        do {
            try control.perform(connection, on: Self.controlChannel, &keeper)
        } catch {
            // Asked again it would end the next connection as well.
            if error.isConnectionVerdict {
                control.fail(error)
                controls.removeFirst()
            }
            throw error
        }
    }

    mutating func flush() {}

    mutating func disconnected() {
        isConnected = false
        recall()
        suspectCount = 0
    }

    mutating func expire(_ now: Instant, cause: AMQPError) {
        guard nextRequestDeadline <= now else { return }
        fail(cause) { $0.deadline <= now }
        forgetFinished()
        let late = controls.filter { $0.deadline <= now }
        let timely = controls.filter { $0.deadline > now }
        for control in late { control.fail(cause) }
        controls.removeAll()
        controls.append(contentsOf: timely)
        nextRequestDeadline = .distantFuture
        forEachOutstanding { nextRequestDeadline = min(nextRequestDeadline, $0.request.deadline) }
        for request in pending where !request.isFinished {
            nextRequestDeadline = min(nextRequestDeadline, request.deadline)
        }
        for control in timely { nextRequestDeadline = min(nextRequestDeadline, control.deadline) }
    }

    mutating func close(_ error: AMQPError) {
        fail(error) { _ in true }
        for control in controls { control.fail(error) }
        pending.removeAll()
        resend.removeAll()
        controls.removeAll()
        _ = unconfirmed.reset()
    }

    // MARK: - Sending

    private mutating func publish(_ connection: BrokerConnection) throws(AMQPError) -> Demand {
        // Bounded, so that confirms and commands are looked at in between.
        var budget = 512
        var uncheckedBytes = 0
        while unconfirmed.count < (suspectCount > 0 ? 1 : window) {
            guard hasNext() else { return .input }
            guard budget > 0 else { return .nothing }
            if uncheckedBytes <= 0 {
                guard connection.isWritable() else { return .room }
                uncheckedBytes = 4096
            }
            guard let entry = takeNext() else { return .input }
            let message = entry.request.messages[entry.index]
            // First, so that a publish that breaks half-way counts as sent.
            let tag = unconfirmed.append(entry)
            try connection.publish(
                message, correlationID: message.isMandatory ? String(tag, radix: 36) : nil, on: Self.publishChannel)
            uncheckedBytes -= message.body.count + 256
            budget -= 1
        }
        return .input
    }

    /// Drops what nobody waits for any more; whether a message is left.
    private mutating func hasNext() -> Bool {
        while let entry = resend.first {
            guard entry.request.isFinished else { return true }
            resend.removeFirst()
        }
        while let request = pending.first {
            guard request.isFinished || request.nextIndex == request.messages.count else { return true }
            pending.removeFirst()
        }
        return false
    }

    private mutating func takeNext() -> Entry? {
        if let entry = resend.first {
            resend.removeFirst()
            return entry
        }
        return pending.first.map { Entry(request: $0, index: $0.takeNextIndex()) }
    }

    private func openPublishChannel(_ connection: BrokerConnection) throws(AMQPError) {
        try connection.openChannel(Self.publishChannel)
        try connection.selectConfirms(Self.publishChannel)
    }

    // MARK: - Confirming

    private mutating func settle(_ tag: UInt64, multiple: Bool, error: AMQPError?) {
        let returned = returned
        var settledReturns: [UInt64] = []
        var reopened: Set<String> = []
        let before = unconfirmed.count
        unconfirmed.settle(tag, multiple: multiple) { tag, entry in
            let unroutable = returned[tag]
            if unroutable != nil { settledReturns.append(tag) }
            if !closedExchanges.isEmpty { reopened.insert(entry.exchange) }
            entry.request.settle(entry.index, error: error ?? unroutable)
        }
        for tag in settledReturns { self.returned[tag] = nil }
        for exchange in reopened where closedExchanges.remove(exchange) != nil {
            keeper.note(.publishing(exchange), nil)
        }
        suspectCount = max(0, suspectCount - (before - unconfirmed.count))
    }

    private mutating func noteReturned(_ header: ContentHeader) {
        guard let reason = returnReason, let id = header.correlationID, let tag = UInt64(id, radix: 36) else { return }
        returned[tag] = reason
        returnReason = nil
    }

    /// The broker closes the channel for a message that it cannot accept, and does not say which: the one in
    /// flight, or, if there are more, one that shows when they are sent again one by one.
    private mutating func publishChannelClosed(_ error: AMQPError) {
        var culprit: Entry?
        if unconfirmed.count == 1 { unconfirmed.forEach { culprit = $0 } }
        if let culprit { culprit.request.settle(culprit.index, error: error) }
        let others = culprit == nil ? unconfirmed.count : max(0, suspectCount - 1)
        recall()
        if let culprit { refuse(culprit.exchange, error) }
        // Those that nobody waits for any more were dropped.
        suspectCount = min(others, resend.count)
    }

    /// The verdict on a whole exchange is one on everything that was sent to it.
    private mutating func refuse(_ exchange: String, _ error: AMQPError) {
        closedExchanges.insert(exchange)
        keeper.note(.publishing(exchange), error)
        guard error.message.contains(" exchange '"), !error.message.contains(" topic '") else { return }
        let entries = resend
        resend.removeAll()
        for entry in entries where entry.exchange == exchange { entry.request.settle(entry.index, error: error) }
        resend.append(contentsOf: entries.filter { $0.exchange != exchange })
    }

    /// What was sent and not confirmed is to be sent again.
    private mutating func recall() {
        resend.prepend(contentsOf: unconfirmed.reset().filter { !$0.request.isFinished })
        returned = [:]
        returnReason = nil
        assembly = ContentAssembly()
    }

    // MARK: - Giving up

    /// Without a broker nobody takes from the front: what has been given up would pile up.
    private mutating func forgetFinished() {
        let (requests, entries) = (pending, resend)
        pending.removeAll()
        pending.append(contentsOf: requests.filter { !$0.isFinished })
        resend.removeAll()
        resend.append(contentsOf: entries.filter { !$0.request.isFinished })
    }

    private func forEachOutstanding(_ body: (Entry) -> Void) {
        unconfirmed.forEach { if !$0.request.isFinished { body($0) } }
        for entry in resend where !entry.request.isFinished { body(entry) }
    }

    private func fail(_ error: AMQPError, where isMeant: (PublishRequest) -> Bool) {
        var sent: [ObjectIdentifier: (request: PublishRequest, indices: [Int])] = [:]
        forEachOutstanding { entry in
            guard isMeant(entry.request) else { return }
            sent[ObjectIdentifier(entry.request), default: (entry.request, [])].indices.append(entry.index)
        }
        for (request, indices) in sent.values { request.fail(error, unsettled: indices) }
        for request in pending where isMeant(request) { request.fail(error, unsettled: []) }
    }
}
