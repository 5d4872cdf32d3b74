import Glibc
import Synchronization

/// A loopback relay in front of a real broker that makes another generation, another configuration or a damaged cluster
/// of it: what cannot be installed beside RabbitMQ 3.10 can be tried this way.
package final class BrokerRelay: Sendable {
    package struct NoPort: Error {}

    private struct State {
        var broker: BrokerLike
        var descriptors: Set<Int32> = []
        var isClosed = false
        var connections = 0
        var refusals = 0
        var globalLimits = 0
    }

    package let port: UInt16
    private let listener: Int32
    private let upstream: @Sendable () -> UInt16?
    private let onRefusal: @Sendable (String) -> Void
    private let state: Mutex<State>

    /// Listens at once.
    ///
    /// - Parameters:
    ///   - port: 0: any free one.
    ///   - upstream: where the broker is now; asked for each connection.
    ///   - onRefusal: told the queue that a connection ends for, and the limits that 4.3 takes another way.
    package init(
        port: UInt16 = 0, to upstream: @escaping @Sendable () -> UInt16?, like broker: BrokerLike,
        onRefusal: @escaping @Sendable (String) -> Void = { _ in }
    ) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var reuse: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout<Int32>.size))
        guard Loopback.address(port, { bind(listener, $0, $1) }) == 0, listen(listener, 128) == 0 else {
            Glibc.close(listener)
            throw NoPort()
        }
        self.listener = listener
        self.port = Loopback.port(of: listener)
        self.upstream = upstream
        self.onRefusal = onRefusal
        state = Mutex(State(broker: broker))
        RelayThread.run { [self] in accept() }
    }

    /// Takes effect for the frames that follow.
    package func become(_ broker: BrokerLike) { state.withLock { $0.broker = broker } }

    /// Connections accepted so far.
    package var connections: Int { state.withLock(\.connections) }
    /// Connections ended with the broker's refusal.
    package var refusals: Int { state.withLock(\.refusals) }
    /// Limits asked for a whole channel.
    package var globalLimits: Int { state.withLock(\.globalLimits) }

    /// Breaks all connections and accepts no more.
    package func close() {
        let descriptors = state.withLock { state in
            state.isClosed = true
            return state.descriptors
        }
        for descriptor in descriptors.union([listener]) { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }

    private func accept() {
        while true {
            let client = Glibc.accept(listener, nil, nil)
            guard client >= 0 else { break }
            guard let broker = connect() else {
                Glibc.close(client)
                continue
            }
            let isOpen = state.withLock { state in
                state.connections += 1
                guard !state.isClosed else { return false }
                state.descriptors.formUnion([client, broker])
                return true
            }
            guard isOpen else { break }
            let pair = RelayPair(client: client, broker: broker)
            RelayThread.run { [self] in pump(pair, fromClient: true) }
            RelayThread.run { [self] in pump(pair, fromClient: false) }
        }
        Glibc.close(listener)
    }

    private func connect() -> Int32? {
        guard let port = upstream() else { return nil }
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard Loopback.address(port, { Glibc.connect(descriptor, $0, $1) }) == 0 else {
            Glibc.close(descriptor)
            return nil
        }
        return descriptor
    }

    private func pump(_ pair: RelayPair, fromClient: Bool) {
        let source = fromClient ? pair.client : pair.broker
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var pending: [UInt8] = []
        // The client begins with the eight bytes of the protocol's name.
        var skipped = fromClient ? 8 : 0
        while true {
            let count = recv(source, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            var bytes = buffer[..<count]
            if skipped > 0 {
                let name = bytes.prefix(skipped)
                skipped -= name.count
                bytes = bytes.dropFirst(name.count)
                guard pair.send(Array(name), to: pair.broker) else { break }
            }
            pending += bytes
            let frames = Frame.take(from: &pending)
            guard frames.allSatisfy({ pass($0, pair, fromClient: fromClient) }) else { break }
        }
        shutdown(pair.client, Int32(SHUT_RDWR))
        shutdown(pair.broker, Int32(SHUT_RDWR))
        if pair.hasEnded() {
            state.withLock { $0.descriptors.subtract([pair.client, pair.broker]) }
            Glibc.close(pair.client)
            Glibc.close(pair.broker)
        }
    }

    /// False ends the connection.
    private func pass(_ frame: Frame, _ pair: RelayPair, fromClient: Bool) -> Bool {
        let broker = state.withLock(\.broker)
        let (outcome, globalLimits) = pair.connection.withLock { connection in
            let before = connection.globalLimits
            let outcome =
                fromClient ? connection.fromClient(frame, broker) : connection.fromBroker(frame, broker)
            return (outcome, connection.globalLimits - before)
        }
        if globalLimits > 0 {
            state.withLock { $0.globalLimits += globalLimits }
            onRefusal("a limit for a whole channel")
        }
        switch outcome {
        case .forward(let passed): return pair.send(passed.bytes, to: fromClient ? pair.broker : pair.client)
        // The client's agreement to the close is the last of it.
        case .drop: return !(fromClient && frame.isMethod(10, 51))
        case .close(let answer):
            state.withLock { $0.refusals += 1 }
            onRefusal(QueueDeclaration(frame)?.name ?? "a connection")
            return pair.send(answer.bytes, to: pair.client)
        }
    }
}

/// The two ends of one relayed connection.
final class RelayPair: Sendable {
    let client: Int32
    let broker: Int32
    let connection = Mutex(RelayedConnection())
    private let sending = Mutex(())
    private let ended = Mutex(0)

    init(client: Int32, broker: Int32) {
        (self.client, self.broker) = (client, broker)
    }

    /// Whole frames: both directions may write to the client.
    func send(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        func sendAll() -> Bool {
            var sent = 0
            while sent < bytes.count {
                let count = bytes[sent...].withUnsafeBytes {
                    Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard count > 0 else { return false }
                sent += count
            }
            return true
        }
        return descriptor == client ? sending.withLock { _ in sendAll() } : sendAll()
    }

    /// Whether both directions have.
    func hasEnded() -> Bool {
        ended.withLock { ended in
            ended += 1
            return ended == 2
        }
    }
}
