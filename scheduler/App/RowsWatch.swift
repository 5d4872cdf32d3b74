import Autoscaling
import FleetBoot
import FleetCore
import FleetStore
import Logging
import PostgresClient
import Synchronization

/// Reads every few seconds what the rows say of the whole fleet.
final class RowsWatch: Sendable {
    private static let interval: Duration = .seconds(5)
    /// What was read longer ago says nothing about now: a look may hang.
    private static let longestAge: Duration = .seconds(20)

    private let pool: PostgresPool
    private let meter: RowsMeter
    private let logger: Logger
    private let readAt = Mutex(ContinuousClock.now)

    init(pool: PostgresPool, meter: RowsMeter, logger: Logger) {
        self.pool = pool
        self.meter = meter
        self.logger = logger
    }

    func run(_ context: ProcessContext) async {
        await context.every(.zero) {
            let began = ContinuousClock.now
            await self.look()
            let took = ContinuousClock.now - began
            try? await Task.sleep(for: ReadingPace.pause(interval: Self.interval, took: took))
        }
    }

    /// Takes back what is too old.
    func expire(_ context: ProcessContext) async {
        await context.every(.seconds(1)) {
            self.readAt.withLock { readAt in
                if ContinuousClock.now - readAt > Self.longestAge { self.meter.show(nil) }
            }
        }
    }

    private func look() async {
        let began = ContinuousClock.now
        do {
            let rows = try await pool.withSession { try FleetRowsReader.read($0) }
            meter.took(ContinuousClock.now - began)
            readAt.withLock { readAt in
                readAt = began
                meter.show(rows)
            }
        } catch {
            guard !Task.isCancelled else { return }
            logger.debug("what the rows say is not known", metadata: ["error": "\(error)"])
            readAt.withLock { _ in meter.show(nil) }
        }
    }
}
