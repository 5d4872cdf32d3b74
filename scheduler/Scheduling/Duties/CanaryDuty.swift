import FleetCore
import FleetMetrics
import Logging
import Synchronization

/// Sends canaries and writes down who has heard them: of several schedulers one at a time.
final class CanaryDuty: Sendable {
    private static let interval: Duration = .seconds(1)

    private let book: any HealthBook
    private let publisher: any CanaryPublisher
    private let agentTypes: [String]
    private let rounds: Rounds
    /// The broker may have lost those that were sent.
    private let mayBeLost = Mutex(false)

    init(book: any HealthBook, publisher: any CanaryPublisher, agentTypes: [String], rounds: Rounds) {
        self.book = book
        self.publisher = publisher
        self.agentTypes = agentTypes
        self.rounds = rounds
    }

    func brokerReturned() { mayBeLost.withLock { $0 = true } }

    func run() async {
        while !rounds.areOver {
            await rounds.attempt(.canaries) { try await runOnce() }
            try? await rounds.time.sleep(for: Self.interval)
        }
    }

    func runOnce() async throws {
        let mine = try await book.takeCanaries(of: agentTypes)
        guard !mine.isEmpty, let sightings = await sightings(of: mine) else { return }
        let isLost = mayBeLost.withLock { $0 }
        let canaries = try await book.note(sightings, mayBeLost: isLost)
        if isLost { mayBeLost.withLock { $0 = false } }
        guard !canaries.isEmpty else { return }
        try await book.withdraw(await publisher.publish(canaries))
    }

    /// Nil while the broker does not answer: the rows then say when it last did.
    private func sightings(of types: [String]) async -> [QueueSighting]? {
        do {
            return try await publisher.sightings(of: types)
        } catch {
            rounds.logger.debug("the broker does not say who consumes", metadata: ["error": "\(error)"])
            return nil
        }
    }
}
