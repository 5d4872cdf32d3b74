import BlockingIO
import Glibc
package import Logging
import Synchronization

/// Redis through one connection, shared by any number of callers.
///
/// Commands of concurrent callers are sent together and cost few round trips. While Redis is down commands fail at
/// once with `.unavailable`; the connection is made anew by the first command after a short pause. Each call ends
/// within the connect and command timeouts. ``shutdown()`` has to be called before the client is let go of: it ends
/// the thread.
package final class RedisClient: Sendable {
    private struct State {
        var link: RedisConnection?
        var isShutDown = false
        /// The server's checksums of scripts it was given.
        var digests: [RedisScript: String] = [:]
    }

    private let configuration: RedisConfiguration
    private let logger: Logger?
    private let state = Mutex(State())
    private let made = EventCount()

    /// Makes a client; nothing is connected yet.
    ///
    /// The process ignores SIGPIPE from here on: hiredis and OpenSSL write to sockets without MSG_NOSIGNAL, so a
    /// server that goes away would end the process.
    package init(configuration: RedisConfiguration, logger: Logger? = nil) {
        self.configuration = configuration
        self.logger = logger
        signal(SIGPIPE, SIG_IGN)
    }

    /// Connections made so far, those that took the place of broken ones included.
    package var connectionsMade: Int { made.value }

    /// Runs one command.
    ///
    /// - Throws: `.server` for an error reply; `.unavailable`, `.tls`, `.timeout`, `.connectionLost`,
    ///   `.cancelled`, `.shutDown`.
    package func command(_ arguments: [String]) async throws(RedisError) -> RedisValue {
        try await single(RedisCommand(arguments))
    }

    /// Runs one command with binary arguments.
    package func command(_ arguments: [[UInt8]]) async throws(RedisError) -> RedisValue {
        try await single(RedisCommand(arguments))
    }

    /// Runs commands in one go, in order. Not a transaction: others' commands may run in between.
    ///
    /// - Returns: one reply per command; error replies stand among them as `.error`.
    package func pipeline(_ commands: [[String]]) async throws(RedisError) -> [RedisValue] {
        guard !commands.isEmpty else { return [] }
        return try await send(commands.map { RedisCommand($0) })
    }

    /// Runs a script, sending its text only if the server does not know it.
    ///
    /// - Throws: as ``command(_:)-([String])``.
    package func evaluate(
        _ script: RedisScript, keys: [String], arguments: [String]
    ) async throws(RedisError) -> RedisValue {
        let digest: String
        if let known = state.withLock({ $0.digests[script] }) {
            digest = known
        } else {
            digest = try await load(script)
        }
        do throws(RedisError) {
            return try await command(["EVALSHA", digest, "\(keys.count)"] + keys + arguments)
        } catch {
            // A restart or SCRIPT FLUSH emptied the server's cache; a script that is refused has not run.
            guard error.code == .server("NOSCRIPT") else { throw error }
            let digest = try await load(script)
            return try await command(["EVALSHA", digest, "\(keys.count)"] + keys + arguments)
        }
    }

    /// Refuses new commands, answers those that wait, closes the connection and ends the thread.
    package func shutdown() async {
        let link = state.withLock { state in
            state.isShutDown = true
            defer { state.link = nil }
            return state.link
        }
        await link?.shutdown()
    }

    private func load(_ script: RedisScript) async throws(RedisError) -> String {
        guard let digest = try await command(["SCRIPT", "LOAD", script.source]).string else {
            throw RedisError(.protocolViolation, "SCRIPT LOAD returned no checksum")
        }
        state.withLock { $0.digests[script] = digest }
        return digest
    }

    private func single(_ command: RedisCommand) async throws(RedisError) -> RedisValue {
        let reply = try await send([command]).first ?? .null
        if case .error(let text) = reply { throw RedisError(reply: text) }
        return reply
    }

    private func send(_ commands: [RedisCommand]) async throws(RedisError) -> [RedisValue] {
        guard !Task.isCancelled else { throw RedisError(.cancelled, "cancelled before the command was sent") }
        guard commands.allSatisfy({ !$0.lengths.isEmpty }) else {
            throw RedisError(.server("ERR"), "a command needs a name")
        }
        let link = try link()
        let deadline = ContinuousClock.now.advanced(by: configuration.commandTimeout)
        return try await withCheckedContinuation { continuation in
            link.submit(RedisRequest(commands: commands, deadline: deadline, continuation: continuation))
        }.get()
    }

    /// The connection's thread, started by the first command.
    private func link() throws(RedisError) -> RedisConnection {
        do {
            return try state.withLock { state in
                guard !state.isShutDown else { throw RedisConnection.isShutDown }
                if let link = state.link { return link }
                let link = try RedisConnection(
                    configuration: configuration, connectionsMade: made, logger: logger)
                state.link = link
                return link
            }
        } catch let error as RedisError {
            throw error
        } catch {
            throw RedisError(.unavailable, "no thread for the Redis connection: \(error)")
        }
    }
}
