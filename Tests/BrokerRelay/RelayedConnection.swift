/// What becomes of the frames of one connection through a relay. A value: no sockets here.
struct RelayedConnection {
    enum Outcome {
        case forward(Frame)
        case drop
        /// To the client instead of the broker; the connection is over.
        case close(Frame)
    }

    private var virtualHost = "/"
    /// What the broker's next refusal on a channel is to say.
    private var words: [UInt16: String] = [:]
    private(set) var isClosing = false
    /// For the tests: channel-wide limits, which RabbitMQ 4.3 turns into limits per consumer without a word.
    private(set) var globalLimits = 0

    /// A name that no queue has, so that the broker itself refuses: the channel's state stays the same on both sides.
    private static let nowhere = "relay.nowhere"

    mutating func fromClient(_ frame: Frame, _ broker: BrokerLike) -> Outcome {
        if isClosing { return .drop }
        switch frame.method {
        case (10, 40)?:
            var reader = FrameReader(frame.payload.dropFirst(4))
            virtualHost = reader.short()
            return .forward(frame)
        case (50, 10)?: return declare(frame, broker)
        case (60, 10)?:
            if frame.payload.last == 1 { globalLimits += 1 }
            return .forward(frame)
        case (60, 20)?:
            var reader = FrameReader(frame.payload.dropFirst(6))
            let queue = reader.short()
            guard broker.absentQueues.contains(queue) else { return .forward(frame) }
            words[frame.channel] = BrokerLike.absence(of: queue, virtualHost: virtualHost)
            return .forward(renamed(frame, nameAt: 6, rest: reader.rest))
        case (60, 40)?:
            var reader = FrameReader(frame.payload.dropFirst(6))
            let exchange = reader.short()
            let key = reader.short()
            guard exchange.isEmpty, broker.absentQueues.contains(key) else { return .forward(frame) }
            return .forward(renamed(frame, nameAt: 7, rest: reader.rest))
        default: return .forward(frame)
        }
    }

    private mutating func declare(_ frame: Frame, _ broker: BrokerLike) -> Outcome {
        guard var declaration = QueueDeclaration(frame) else { return .forward(frame) }
        var frame = frame
        if broker.absentQueues.contains(declaration.name) {
            words[frame.channel] = BrokerLike.absence(of: declaration.name, virtualHost: virtualHost)
            declaration.name = Self.nowhere
            declaration.isPassive = true
        } else if !declaration.isPassive {
            if broker.refusesTransientQueues, !declaration.isDurable, !declaration.isExclusive {
                isClosing = true
                return .close(Self.connectionClose(541, BrokerLike.transientRefusal, frame))
            }
            if let type = broker.defaultQueueType, declaration.type == nil, declaration.isDurable,
                !declaration.isExclusive
            {
                declaration.add(type: type)
            }
        }
        frame.payload = declaration.payload
        return .forward(frame)
    }

    mutating func fromBroker(_ frame: Frame, _ broker: BrokerLike) -> Outcome {
        if isClosing { return .drop }
        switch frame.method {
        case (60, 30)? where broker.hidesCancellations: return .drop
        case (10, 10)?: return .forward(broker.version.map { greeting(frame, version: $0) } ?? frame)
        case (20, 40)?:
            guard let text = words.removeValue(forKey: frame.channel) else { return .forward(frame) }
            var reader = FrameReader(frame.payload.dropFirst(4))
            let code = reader.number(2)
            _ = reader.short()
            var writer = FrameWriter(Array(frame.payload.prefix(4)))
            writer.append(UInt16(code))
            writer.append(short: text)
            return .forward(Frame(type: frame.type, channel: frame.channel, payload: writer.bytes + reader.rest))
        default: return .forward(frame)
        }
    }

    private func renamed(_ frame: Frame, nameAt offset: Int, rest: ArraySlice<UInt8>) -> Frame {
        var writer = FrameWriter(Array(frame.payload.prefix(offset)))
        writer.append(short: Self.nowhere)
        return Frame(type: frame.type, channel: frame.channel, payload: writer.bytes + rest)
    }

    private func greeting(_ frame: Frame, version: String) -> Frame {
        let key = Array("\u{7}versionS".utf8)
        guard let found = frame.payload.firstRange(of: key) else { return frame }
        // Protocol version, then the table's length.
        var reader = FrameReader(frame.payload.dropFirst(6))
        let size = reader.number(4)
        var value = FrameReader(frame.payload[found.upperBound...])
        let old = value.long()
        var writer = FrameWriter(Array(frame.payload.prefix(6)))
        writer.append(UInt32(size - old.count + version.utf8.count))
        var table = FrameWriter(Array(frame.payload[10..<found.upperBound]))
        table.append(long: Array(version.utf8))
        return Frame(type: frame.type, channel: frame.channel, payload: writer.bytes + table.bytes + value.rest)
    }

    private static func connectionClose(_ code: UInt16, _ text: String, _ cause: Frame) -> Frame {
        var writer = FrameWriter([0, 10, 0, 50])
        writer.append(code)
        // A short string has 255 bytes at most; the broker cuts as well.
        writer.append(short: String(text.prefix(255)))
        return Frame(type: Frame.method, channel: 0, payload: writer.bytes + cause.payload.prefix(4))
    }
}
