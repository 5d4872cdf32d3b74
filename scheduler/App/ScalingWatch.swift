import Autoscaling
import CoreMetrics
import FleetBoot
import FleetCore
import FleetStore
import Logging
import PostgresClient
import ProcessProbes
import Synchronization

/// Looks once a second how many workers are wanted and tells whoever asks: KEDA on the probe port, Prometheus in the
/// metrics.
final class ScalingWatch: Sendable {
    private static let interval: Duration = .seconds(1)

    private let pool: PostgresPool
    private let logger: Logger
    private let policy = ScalingPolicy(capacityPlaces: Int(PostgresWorkflowStore.parkedStepsPerType))
    private let board = Mutex(ScalingBoard())
    private let start = ContinuousClock.now
    private let meter: ScalingMeter

    init(pool: PostgresPool, metrics: any MetricsFactory, logger: Logger) {
        self.pool = pool
        self.logger = logger
        meter = ScalingMeter(metrics)
    }

    /// `GET /scaling`.
    var page: ProbePage {
        ProbePage("scaling") {
            let answer = self.board.withLock { $0.answer(at: self.now) }
            return .init(status: answer.status, contentType: answer.contentType, body: answer.body)
        }
    }

    func run(_ context: ProcessContext) async {
        await context.every(.zero) {
            let began = self.now
            await self.look()
            try? await Task.sleep(for: ReadingPace.pause(interval: Self.interval, took: self.now - began))
        }
    }

    /// Takes back what is too old, also while a look hangs.
    func expire(_ context: ProcessContext) async {
        await context.every(Self.interval) {
            self.board.withLock { board in
                if board.current(at: self.now) == nil { self.meter.show(nil) }
            }
        }
    }

    private var now: Duration { ContinuousClock.now - start }

    private func look() async {
        let began = now
        do {
            let reading = try await pool.withSession { try ScalingReader.read($0) }
            let figures = ScalingFigures(reading.types, policy: policy, asOf: reading.asOf)
            board.withLock { board in
                board.post(figures, at: began)
                meter.show(figures)
            }
        } catch {
            guard !Task.isCancelled else { return }
            logger.debug("how much work waits is not known", metadata: ["error": "\(error)"])
        }
    }
}
