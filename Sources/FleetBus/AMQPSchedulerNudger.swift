package import AMQPClient
import FleetCore

/// Sends nudges to the schedulers: at most one on its way at a time, so a thousand settlements cost a few messages.
package final class AMQPSchedulerNudger: SchedulerNudger {
    private let publisher: AMQPPublisher
    private let rings: AsyncStream<Void>
    private let ring: AsyncStream<Void>.Continuation

    /// - Parameter publisher: runs with ``FleetTopology/wakeTopology``.
    package init(publisher: AMQPPublisher) {
        self.publisher = publisher
        (rings, ring) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Never waits. What is asked for while a nudge is on its way becomes one nudge after it.
    package func wakeScheduler() {
        ring.yield()
    }

    /// Sends until ``finish()`` or cancellation. A nudge that does not get through is made up for by the scheduler's tick.
    package func run() async {
        for await _ in rings {
            guard publisher.state == .ready else { continue }
            let nudge = AMQPMessage(
                exchange: "", routingKey: FleetTopology.wakeQueue, body: [], isPersistent: false)
            do {
                try await publisher.publish([nudge], timeout: .seconds(1))
            } catch {
                // Not wanted for now: asking with each nudge would fill the broker's log.
                if !error.isRetriable { try? await Task.sleep(for: Self.patience) }
            }
        }
    }

    private static let patience: Duration = .seconds(5)

    /// Ends ``run()``; a nudge that was asked for before is still sent.
    package func finish() {
        ring.finish()
    }
}
