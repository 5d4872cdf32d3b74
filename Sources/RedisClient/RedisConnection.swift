import BlockingIO
import Glibc
import Logging
import Synchronization

/// The connection's thread: takes what waits, sends it together, hands the answers out.
///
/// There is no reconnecting in the background: the next command finds the connection gone and makes it anew, at most
/// one attempt per pause; until then commands fail at once.
actor RedisConnection {
    /// Commands per exchange. More would only make the first of them wait for the last.
    private static let batchLimit = 256

    private nonisolated let executor: SerialThreadExecutor
    private nonisolated let queue = Mutex(RedisQueue<RedisRequest>(limit: 65_536))
    private let configuration: RedisConfiguration
    private let connectionsMade: EventCount
    private let logger: Logger?
    private var wire: RedisWire?
    private var nextAttempt = Deadline(.now)
    private var reconnectPause = ReconnectPause(limit: .milliseconds(500))
    private var lastError = RedisError(.unavailable, "Redis cannot be reached")

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(
        configuration: RedisConfiguration, connectionsMade: EventCount, logger: Logger?
    ) throws(BlockingIOError) {
        executor = try SerialThreadExecutor(name: "redis")
        self.configuration = configuration
        self.connectionsMade = connectionsMade
        self.logger = logger
    }

    /// Queues the request; its continuation is resumed exactly once, here or on the thread.
    nonisolated func submit(_ request: RedisRequest) {
        let admission = queue.withLock { queue in
            let admission = queue.add(request)
            // Under the lock, so that a shutdown cannot end the thread in between.
            if admission == .startDraining { executor.submit { [self] in assumeIsolated { $0.drain() } } }
            return admission
        }
        switch admission {
        case .startDraining, .queued: break
        case .full: request.continuation.resume(returning: .failure(RedisError(.unavailable, "too many commands wait")))
        case .shutDown: request.continuation.resume(returning: .failure(Self.isShutDown))
        }
    }

    /// Answers what waits, then closes the connection and ends the thread.
    nonisolated func shutdown() async {
        queue.withLock { $0.shutDown() }
        await close()
        executor.shutdown()
    }

    static var isShutDown: RedisError { RedisError(.shutDown, "the Redis client has been shut down") }

    /// Jobs run in order: what was queued before has been answered.
    private func close() {
        wire = nil
    }

    private func drain() {
        while let requests = queue.withLock({ $0.take() }) {
            var start = requests.startIndex
            while start < requests.endIndex {
                var end = start
                var count = 0
                repeat {
                    count += requests[end].commands.count
                    end += 1
                } while end < requests.endIndex && count + requests[end].commands.count <= Self.batchLimit
                answer(requests[start..<end])
                start = end
            }
        }
    }

    private func answer(_ batch: ArraySlice<RedisRequest>) {
        let now = ContinuousClock.now
        let current = batch.filter { $0.deadline > now }
        for request in batch where request.deadline <= now {
            request.continuation.resume(
                returning: .failure(RedisError(.unavailable, "the command was not sent in time")))
        }
        guard !current.isEmpty else { return }
        var replies: [RedisValue] = []
        var failure = lastError
        do throws(RedisError) {
            try connectedWire().exchange(
                current.flatMap(\.commands), until: Deadline(after: configuration.commandTimeout), into: &replies)
        } catch {
            failure = error
            if let wire, wire.isBroken {
                logger?.info("Redis connection dropped", metadata: ["error": "\(error)"])
                self.wire = nil
            }
        }
        // What was answered before the connection broke is answered.
        var start = 0
        for request in current {
            let end = start + request.commands.count
            request.continuation.resume(
                returning: end <= replies.count ? .success(Array(replies[start..<end])) : .failure(failure))
            start = end
        }
    }

    private func connectedWire() throws(RedisError) -> RedisWire {
        if let wire {
            if wire.isAliveWhileIdle() { return wire }
            self.wire = nil
        }
        guard nextAttempt.hasPassed else { throw lastError }
        do throws(RedisError) {
            let wire = try RedisWire(configuration)
            self.wire = wire
            nextAttempt = Deadline(.now)
            reconnectPause.reset()
            connectionsMade.add()
            logger?.debug("Redis connection made")
            return wire
        } catch {
            lastError = error
            nextAttempt = Deadline(after: reconnectPause.next())
            throw error
        }
    }
}
