import BlockingIO
import Glibc
import Logging

/// The life of one connection's owner thread: connect, serve, recover, until told to stop.
struct ConnectionLoop<Role: ConnectionRole> {
    typealias Mailbox = OwnerThread<LoopCommand<Role.Command>>.Mailbox

    let configuration: AMQPConfiguration
    let eventFD: EventFD
    let status: ConnectionStatus
    let interrupt: Interrupt
    let logger: Logger
    var role: Role

    private var isStarted = false
    private var isStopped = false
    /// The broker's reason while it takes no publishes.
    private var blockedReason: String?
    private var reconnectPause = ReconnectPause()
    /// Since the last connection that lasted.
    private var outage: Outage?
    private var refusalVersion = 0
    private var refusalLog = RefusalLog()

    init(
        configuration: AMQPConfiguration, eventFD: EventFD, status: ConnectionStatus, interrupt: Interrupt,
        logger: Logger, role: Role
    ) {
        self.configuration = configuration
        self.eventFD = eventFD
        self.status = status
        self.interrupt = interrupt
        self.logger = logger
        self.role = role
    }

    mutating func run(_ mailbox: Mailbox) {
        while !isStarted && !isStopped {
            pause(milliseconds: 1000, mailbox, cause: AMQPError(.timedOut, "run() was not called"))
        }
        while !isStopped {
            do throws(AMQPError) {
                try connectAndServe(mailbox)
            } catch {
                recover(from: error, mailbox)
            }
        }
        let closed = AMQPError(.closed, "the client was shut down")
        for case .role(let command) in mailbox.close() { role.handle(command) }
        role.close(closed)
        status.update(.closed)
    }

    private mutating func connectAndServe(_ mailbox: Mailbox) throws(AMQPError) {
        let connection = try BrokerConnection(configuration, interrupt: interrupt)
        defer { tellRefusals() }
        try role.connected(connection)
        interrupt.disarm()
        blockedReason = nil
        tellRefusals()
        logger.info("AMQP connected", metadata: ["amqp.address": "\(configuration)"])
        status.update(.ready)
        try serve(connection, mailbox)
    }

    /// Shows what the broker does not do, and warns of it, of each thing once in a while.
    private mutating func tellRefusals() {
        let book = role.refusals
        guard book.version != refusalVersion else { return }
        refusalVersion = book.version
        let refusals = book.all
        status.update(refusals)
        let news = refusalLog.news(refusals, at: .now)
        if let words = BrokerAdvice(configuration).line(news) {
            logger.warning("the broker refuses", metadata: ["amqp.refusal": "\(words)"])
        }
    }

    private mutating func serve(_ connection: BrokerConnection, _ mailbox: Mailbox) throws(AMQPError) {
        let halfHeartbeat = Int64(max(connection.heartbeatSeconds, 1)) * 500
        let start = Instant.now
        var lastRead = start
        while true {
            take(mailbox)
            if outage != nil, start.advanced(by: Outage.lasting) < .now { settle() }
            let demand = try role.work(connection, isBlocked: blockedReason != nil)
            role.flush()
            tellRefusals()
            if isStopped { break }
            let now = Instant.now
            role.expire(now, cause: serviceFailure)
            var timeout = min(halfHeartbeat, role.nextDeadline.milliseconds(after: now))
            if case .nothing = demand { timeout = 0 }
            if connection.hasBufferedFrames { timeout = 0 }
            var wantsRoom = false
            if case .room = demand { wantsRoom = true }
            let isReadable = wait(milliseconds: timeout, socket: connection.socketDescriptor, wantsRoom: wantsRoom)
            // Reading also services the heartbeats, so it has to happen even if nothing arrives.
            let isDue = Instant.now.milliseconds(after: lastRead) > halfHeartbeat / 2
            if isReadable || isDue || connection.hasBufferedFrames {
                try read(connection)
                lastRead = .now
            }
        }
        // A blocked broker does not read, so it would not answer.
        if blockedReason == nil { connection.close() }
    }

    private mutating func read(_ connection: BrokerConnection) throws(AMQPError) {
        defer { role.flush() }
        try connection.readFrames(limit: 2048) { frame throws(AMQPError) in
            switch frame {
            case .blocked(let reason):
                blockedReason = reason
                logger.warning(
                    "the broker takes no messages",
                    metadata: [
                        "amqp.reason": "\(reason)",
                        "amqp.remedy": "\(BrokerAdvice(configuration).remedy(.blocked(reason)))",
                    ])
                status.update(.blocked(reason: reason))
            case .unblocked:
                blockedReason = nil
                logger.info("AMQP unblocked")
                status.update(.ready)
            case .connectionClosed(let error):
                throw error
            default:
                try role.receive(frame, from: connection)
            }
        }
    }

    private mutating func recover(from error: AMQPError, _ mailbox: Mailbox) {
        interrupt.disarm()
        role.disconnected()
        take(mailbox)
        guard !isStopped else { return }
        blockedReason = nil
        let now = Instant.now
        var present = outage ?? Outage(at: now)
        let isTimeToSpeak = present.note(error, at: now)
        outage = present
        status.update(.connecting(error), outage: present)
        tell(present, at: now, isWarning: isTimeToSpeak)
        pause(milliseconds: reconnectPause.next().nanoseconds / 1_000_000, mailbox, cause: error)
    }

    private mutating func settle() {
        outage = nil
        reconnectPause.reset()
    }

    /// One line per attempt would be noise, and none would be silence.
    private func tell(_ outage: Outage, at now: Instant, isWarning: Bool) {
        guard isWarning else {
            logger.info("AMQP not connected", metadata: ["amqp.error": "\(outage.error)"])
            return
        }
        logger.warning(
            "still no connection to the broker",
            metadata: [
                "amqp.address": "\(configuration)", "amqp.error": "\(outage.error)",
                "amqp.attempts": "\(outage.attempts)",
                "amqp.seconds": "\(now.milliseconds(after: outage.since) / 1000)",
                "amqp.remedy": "\(BrokerAdvice(configuration).remedy(outage.error))",
            ])
    }

    /// Lets time pass without a connection; commands are still taken and deadlines kept.
    private mutating func pause(milliseconds: Int64, _ mailbox: Mailbox, cause: AMQPError) {
        let end = Instant.now.advanced(by: .milliseconds(milliseconds))
        let wasStarted = isStarted
        while !isStopped && isStarted == wasStarted {
            let now = Instant.now
            role.expire(now, cause: cause)
            guard now < end else { return }
            _ = wait(milliseconds: min(end, role.nextDeadline).milliseconds(after: now), socket: -1, wantsRoom: false)
            take(mailbox)
        }
    }

    /// Waits for the mailbox or the socket; whether the socket has something to read.
    private func wait(milliseconds: Int64, socket: Int32, wantsRoom: Bool) -> Bool {
        var events = Int16(POLLIN)
        if wantsRoom { events |= Int16(POLLOUT) }
        // The socket last; without a connection it is left out.
        var descriptors = (
            pollfd(fd: eventFD.fileDescriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: socket, events: events, revents: 0)
        )
        let count = withUnsafeMutableBytes(of: &descriptors) { bytes in
            poll(
                bytes.assumingMemoryBound(to: pollfd.self).baseAddress, socket < 0 ? 1 : 2,
                Int32(clamping: milliseconds))
        }
        // Interrupted or out of time: the caller goes round again.
        guard count > 0 else { return false }
        // Before the mailbox is drained, so that a later ring is not lost.
        if descriptors.0.revents != 0 { eventFD.clear() }
        // An error or hang-up counts as readable: reading tells what it is.
        return descriptors.1.revents & ~Int16(POLLOUT) != 0
    }

    private mutating func take(_ mailbox: Mailbox) {
        for command in mailbox.drain() {
            switch command {
            case .start: isStarted = true
            case .stop: isStopped = true
            case .role(let command): role.handle(command)
            }
        }
    }

    private var serviceFailure: AMQPError {
        blockedReason.map { AMQPError(.blocked, $0) } ?? AMQPError(.timedOut, "the broker did not answer in time")
    }
}
