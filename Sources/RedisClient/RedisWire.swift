import BlockingIO
import CHiredis
import Glibc

/// One hiredis connection, used on its thread only.
///
/// hiredis connects in its blocking mode, which has the timeout, and is then put into its non-blocking mode: every
/// wait is a `poll` with a deadline. With TLS the bytes of both directions go through ``RedisTLS``.
final class RedisWire {
    private let context: UnsafeMutablePointer<redisContext>
    private var tls: RedisTLS?
    /// Replies are out of step or the socket is gone: not to be used again.
    private(set) var isBroken = false

    /// Connects, encrypts if that is wanted, signs in and selects the database.
    init(_ configuration: RedisConfiguration) throws(RedisError) {
        let timeout = configuration.connectTimeout.components
        let limit = timeval(tv_sec: Int(timeout.seconds), tv_usec: Int(timeout.attoseconds / 1_000_000_000_000))
        guard let context = redisConnectWithTimeout(configuration.host, Int32(configuration.port), limit) else {
            throw RedisError(.unavailable, "out of memory for a connection")
        }
        self.context = context
        guard context.pointee.err == 0 else {
            throw RedisError(.unavailable, "no connection to \(configuration): \(Self.errorText(context))")
        }
        let flags = fcntl(context.pointee.fd, F_GETFL)
        guard flags >= 0, fcntl(context.pointee.fd, F_SETFL, flags | O_NONBLOCK) == 0 else {
            throw RedisError(.unavailable, "the socket cannot be made non-blocking")
        }
        context.pointee.flags &= ~REDIS_BLOCK
        _ = redisEnableKeepAlive(context)
        do throws(RedisError) {
            let deadline = Deadline(after: configuration.connectTimeout)
            if let settings = configuration.tls {
                tls = try RedisTLS(settings, host: configuration.host, descriptor: context.pointee.fd, until: deadline)
            }
            try signIn(configuration, until: deadline)
        } catch {
            // Nothing of the caller's was sent.
            switch error.code {
            case .timeout, .connectionLost: throw RedisError(.unavailable, "\(configuration): \(error.message)")
            case .tls: throw RedisError(.tls, "\(configuration): \(error.message)")
            default: throw error
            }
        }
    }

    deinit {
        // Its farewell needs the socket.
        tls = nil
        redisFree(context)
    }

    private func signIn(_ configuration: RedisConfiguration, until deadline: Deadline) throws(RedisError) {
        var commands: [RedisCommand] = []
        if let password = configuration.password {
            commands.append(RedisCommand(["AUTH"] + [configuration.user, password].compactMap(\.self)))
        }
        if configuration.database != 0 { commands.append(RedisCommand(["SELECT", "\(configuration.database)"])) }
        // Also without a password: tells at once whether one is needed and whether the server answers at all.
        commands.append(RedisCommand(["PING"]))
        var replies: [RedisValue] = []
        try exchange(commands, until: deadline, into: &replies)
        for case .error(let text) in replies { throw RedisError(reply: text) }
    }

    /// Whether an idle connection still works, as far as can be told without asking: a closed one is readable.
    func isAliveWhileIdle() -> Bool {
        guard !isBroken else { return false }
        if let tls { return tls.isQuiet() }
        var entry = pollfd(fd: context.pointee.fd, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, 0) == 0
    }

    /// Sends all commands and reads one reply for each. After an error the connection is broken, and `replies` has
    /// those that came before it.
    func exchange(
        _ commands: [RedisCommand], until deadline: Deadline, into replies: inout [RedisValue]
    ) throws(RedisError) {
        do throws(RedisError) {
            replies.reserveCapacity(commands.count)
            for command in commands { try append(command) }
            try readReplies(commands.count, until: deadline, into: &replies)
        } catch {
            isBroken = true
            throw error
        }
    }

    private func append(_ command: RedisCommand) throws(RedisError) {
        let status = command.bytes.withUnsafeBytes { buffer in
            // An empty argument needs an address too; with length 0 it is never read.
            let base = buffer.baseAddress ?? UnsafeRawPointer(context)
            return withUnsafeTemporaryAllocation(
                of: UnsafePointer<CChar>?.self, capacity: command.lengths.count
            ) { arguments in
                var offset = 0
                for (index, length) in command.lengths.enumerated() {
                    arguments.initializeElement(
                        at: index, to: (base + offset).assumingMemoryBound(to: CChar.self))
                    offset += length
                }
                return append(arguments, command.lengths)
            }
        }
        guard status == REDIS_OK else { throw failure() }
    }

    private func append(_ arguments: UnsafeMutableBufferPointer<UnsafePointer<CChar>?>, _ lengths: [Int]) -> Int32 {
        let count = Int32(lengths.count)
        guard let tls else { return redisAppendCommandArgv(context, count, arguments.baseAddress, lengths) }
        var text: UnsafeMutablePointer<CChar>?
        let length = redisFormatCommandArgv(&text, count, arguments.baseAddress, lengths)
        guard length >= 0, let text else { return length }
        tls.append(UnsafeRawBufferPointer(start: text, count: Int(length)))
        redisFreeCommand(text)
        return REDIS_OK
    }

    private func readReplies(
        _ count: Int, until deadline: Deadline, into replies: inout [RedisValue]
    ) throws(RedisError) {
        var isSent = false
        while true {
            if !isSent { isSent = try send() }
            while replies.count < count, let reply = try nextReply() { replies.append(reply) }
            if replies.count == count { return }
            try wait(writing: !isSent, until: deadline)
        }
    }

    private func send() throws(RedisError) -> Bool {
        if let tls { return try tls.send() }
        var isSent: Int32 = 0
        guard redisBufferWrite(context, &isSent) == REDIS_OK else { throw failure() }
        return isSent != 0
    }

    private func nextReply() throws(RedisError) -> RedisValue? {
        var reply: UnsafeMutableRawPointer?
        guard redisGetReplyFromReader(context, &reply) == REDIS_OK else { throw failure() }
        guard let reply else { return nil }
        defer { freeReplyObject(reply) }
        return RedisValue(reply.assumingMemoryBound(to: redisReply.self).pointee)
    }

    private func wait(writing: Bool, until deadline: Deadline) throws(RedisError) {
        let events = tls?.events ?? (Int16(POLLIN) | (writing ? Int16(POLLOUT) : 0))
        var entry = pollfd(fd: context.pointee.fd, events: events, revents: 0)
        let ready = poll(&entry, 1, deadline.pollMilliseconds)
        if ready > 0 {
            // Reading also finds out about errors and hang-ups.
            if let tls { return try tls.receive(into: context.pointee.reader) }
            if entry.revents & ~Int16(POLLOUT) != 0, redisBufferRead(context) != REDIS_OK { throw failure() }
        } else if deadline.hasPassed {
            throw RedisError(.timeout, "no answer from Redis in time", mayHaveRun: true)
        }
    }

    /// Maps hiredis' error: the one place where its codes become this module's.
    private func failure() -> RedisError {
        switch context.pointee.err {
        case REDIS_ERR_PROTOCOL: RedisError(.protocolViolation, Self.errorText(context), mayHaveRun: true)
        default: RedisError(.connectionLost, Self.errorText(context), mayHaveRun: true)
        }
    }

    private static func errorText(_ context: UnsafeMutablePointer<redisContext>) -> String {
        withUnsafeBytes(of: &context.pointee.errstr) { buffer in
            String(decoding: buffer.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}

/// hiredis' REDIS_OK, stated because its header takes it from a file that does not import everywhere.
private let REDIS_OK: Int32 = 0

extension RedisValue {
    /// Copies a reply out of hiredis' memory.
    fileprivate init(_ reply: redisReply) {
        switch reply.type {
        case REDIS_REPLY_INTEGER: self = .integer(Int(reply.integer))
        case REDIS_REPLY_STRING: self = .bulk([UInt8](Self.bytes(of: reply)))
        case REDIS_REPLY_STATUS: self = .status(String(decoding: Self.bytes(of: reply), as: UTF8.self))
        case REDIS_REPLY_ERROR: self = .error(String(decoding: Self.bytes(of: reply), as: UTF8.self))
        case REDIS_REPLY_ARRAY:
            self = .array((0..<reply.elements).map { reply.element[$0].map { RedisValue($0.pointee) } ?? .null })
        default: self = .null
        }
    }

    private static func bytes(of reply: redisReply) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: reply.str, count: reply.len)
    }
}
