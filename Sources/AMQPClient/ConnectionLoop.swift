import BlockingIO
import Glibc
import Logging

/// The life of one connection's owner thread: connect, serve, recover, until told to stop.
struct ConnectionLoop<Role: ConnectionRole> {
    typealias Mailbox = OwnerThread<LoopCommand<Role.Command>>.Mailbox

    let configuration: AMQPConfiguration
    let wakeUp: WakeUp
    let status: ConnectionStatus
    let interrupt: Interrupt
    let logger: Logger
    var role: Role

    private var isStarted = false
    private var isStopped = false
    /// The broker's reason while it takes no publishes.
    private var blockedReason: String?
    private var backoff = Backoff()

    init(
        configuration: AMQPConfiguration, wakeUp: WakeUp, status: ConnectionStatus, interrupt: Interrupt,
        logger: Logger, role: Role
    ) {
        self.configuration = configuration
        self.wakeUp = wakeUp
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
        let refusal = try role.connected(connection)
        interrupt.disarm()
        backoff.reset()
        blockedReason = nil
        if let refusal {
            logger.error("AMQP topology refused", metadata: ["amqp.error": "\(refusal)"])
        }
        logger.info("AMQP connected", metadata: ["amqp.address": "\(configuration)"])
        status.update(.ready, refusal: refusal)
        try serve(connection, mailbox)
    }

    private mutating func serve(_ connection: BrokerConnection, _ mailbox: Mailbox) throws(AMQPError) {
        let halfHeartbeat = Int64(max(connection.heartbeatSeconds, 1)) * 500
        var lastRead = Instant.now
        while true {
            take(mailbox)
            let demand = try role.work(connection, isBlocked: blockedReason != nil)
            role.flush()
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
                logger.info("AMQP blocked", metadata: ["amqp.reason": "\(reason)"])
                status.update(.blocked(reason: reason))
            case .unblocked:
                blockedReason = nil
                logger.info("AMQP unblocked")
                status.unblock()
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
        logger.info("AMQP not connected", metadata: ["amqp.error": "\(error)"])
        status.update(.connecting(error))
        pause(milliseconds: Int64(backoff.next()), mailbox, cause: error)
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
            pollfd(fd: wakeUp.fileDescriptor, events: Int16(POLLIN), revents: 0),
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
        if descriptors.0.revents != 0 { wakeUp.clear() }
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
