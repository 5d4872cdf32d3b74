import Synchronization

/// How far servers' clocks are off.
final class ClockOffsets: Sendable {
    /// 2026-01-01 in microseconds since 1970: where the wall clocks begin.
    static let epoch = 1_767_225_600_000_000

    private let offsets = Mutex<[SimulatedServer.Name: Duration]>([:])

    /// A server's own reading of the time, in microseconds since 1970.
    func wallClock(of server: SimulatedServer.Name, _ world: VirtualTime) -> @Sendable () -> Int {
        { Self.epoch + SimulatedDatabase.microseconds(world.now + self.offsets.withLock { $0[server] ?? .zero }) }
    }

    func step(_ server: SimulatedServer.Name, by step: Duration) {
        offsets.withLock { $0[server, default: .zero] += step }
    }
}
