import NIOCore

/// Linux's `tcp_info` up to the member that tells what the other side has received.
struct AcknowledgedBytes: Sendable {
    /// 8 members of one byte, 24 of four bytes, two pacing rates.
    private var before: InlineArray<15, UInt64> = InlineArray(repeating: 0)
    /// `tcpi_bytes_acked`.
    private var bytes: UInt64 = 0

    /// The bytes of the connection that have been acknowledged; 0 if nobody knows.
    static func of(_ channel: any Channel) -> UInt64 {
        guard let provider = channel as? any SocketOptionProvider else { return 0 }
        // On the event loop of a socket the answer is there at once.
        var acknowledged: UInt64 = 0
        let option: EventLoopFuture<Self> = provider.unsafeGetSocketOption(level: .tcp, name: .tcp_info)
        option.assumeIsolated().whenSuccess { acknowledged = $0.bytes }
        return acknowledged
    }
}
