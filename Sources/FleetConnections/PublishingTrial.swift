package import AMQPClient
package import FleetBoot
import Synchronization

/// Tries at start whether the user may publish at all, and again while the broker refuses: it would otherwise show, and
/// end, with the next work only.
package final class PublishingTrial: Sendable {
    /// The broker confirms it and drops it: nobody has a queue of that name.
    static let message = AMQPMessage(routingKey: "mixmyai.rights", body: [], isPersistent: false, isMandatory: false)

    private let publisher: AMQPPublisher
    private let wasTried = Mutex(false)

    package init(_ publisher: AMQPPublisher) {
        self.publisher = publisher
    }

    package func run(_ context: ProcessContext) async {
        await context.every(.seconds(3)) { await self.tryIfNeeded() }
    }

    /// What is refused the connection tells.
    private func tryIfNeeded() async {
        let isRefused = publisher.health.refusals.contains { $0.subject == .publishing("") }
        guard publisher.state == .ready, isRefused || !wasTried.withLock({ $0 }) else { return }
        wasTried.withLock { $0 = true }
        try? await publisher.publish([Self.message], timeout: .seconds(5))
    }
}
