import BrokerRelay
import Glibc
import Synchronization

/// A relay between a client and a real broker that watches the client's publishes, and cuts or stalls the line.
final class Relay: Sendable {
    private struct State {
        /// The numbers of the publishes on the present connection that are not confirmed.
        var unconfirmed: Set<UInt64> = []
        var lastTag: UInt64 = 0
        var mostUnconfirmed = 0
        var published = 0
        var isStalled = false
        /// Cut the line as soon as this many publishes went through.
        var cutAfter = Int.max
        var descriptors: [Int32] = []
        var isClosed = false

        mutating func note(_ event: FrameScanner.Event) {
            switch event {
            case .published:
                published += 1
                lastTag += 1
                unconfirmed.insert(lastTag)
                mostUnconfirmed = max(mostUnconfirmed, unconfirmed.count)
            case .confirmed(let tag, true): unconfirmed = unconfirmed.filter { $0 > tag }
            case .confirmed(let tag, false): unconfirmed.remove(tag)
            }
        }
    }

    let port: UInt16
    private let listener: Int32
    private let broker: UInt16
    private let state = Mutex(State())

    init(to broker: UInt16) {
        self.broker = broker
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.listener = listener
        _ = Loopback.address(0) { bind(listener, $0, $1) }
        _ = listen(listener, 16)
        port = Loopback.port(of: listener)
        RelayThread.run { self.accept() }
    }

    var published: Int { state.withLock(\.published) }
    var mostUnconfirmed: Int { state.withLock(\.mostUnconfirmed) }

    /// Stops reading from the client; what the broker says still goes through.
    func stall() { state.withLock { $0.isStalled = true } }
    func cut(afterPublishes count: Int) { state.withLock { $0.cutAfter = $0.published + count } }

    func close() {
        let descriptors = state.withLock { state in
            state.isClosed = true
            return state.descriptors
        }
        for descriptor in descriptors + [listener] { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }

    private func accept() {
        while true {
            let client = Glibc.accept(listener, nil, nil)
            guard client >= 0 else { return }
            let upstream = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            guard Loopback.address(broker, { connect(upstream, $0, $1) }) == 0 else { return }
            // A small buffer, so that a stalled line is soon felt by the client.
            var size: Int32 = 16_384
            setsockopt(client, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
            state.withLock { state in
                state.unconfirmed = []
                state.lastTag = 0
                state.descriptors += [client, upstream]
            }
            RelayThread.run { self.copy(from: client, to: upstream, isFromClient: true) }
            RelayThread.run { self.copy(from: upstream, to: client, isFromClient: false) }
        }
    }

    private func copy(from source: Int32, to target: Int32, isFromClient: Bool) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        // The client begins with the eight bytes of the protocol's name.
        var scanner = FrameScanner(skipping: isFromClient ? 8 : 0)
        while true {
            while isFromClient && state.withLock({ $0.isStalled && !$0.isClosed }) { usleep(1000) }
            let count = recv(source, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            let isCut = state.withLock { state in
                scanner.scan(buffer[..<count]) { event in state.note(event) }
                defer { if state.published >= state.cutAfter { state.cutAfter = .max } }
                return state.published >= state.cutAfter
            }
            if isCut { break }
            guard send(target, buffer, count, Int32(MSG_NOSIGNAL)) == count else { break }
        }
        shutdown(source, Int32(SHUT_RDWR))
        shutdown(target, Int32(SHUT_RDWR))
    }
}
