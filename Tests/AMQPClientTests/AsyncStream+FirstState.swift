import Foundation
import Logging
import TestServers
import Testing

@testable import AMQPClient

extension AsyncStream where Element == AMQPConnectionState {
    /// The first state that `isMeant` accepts, from the present one on.
    func first(
        within timeout: Duration = .seconds(30), where isMeant: @escaping @Sendable (AMQPConnectionState) -> Bool
    ) async throws -> AMQPConnectionState {
        let state = try await withTimeout(timeout) {
            for await state in self where isMeant(state) { return Optional(state) }
            return nil
        }
        guard let state else { throw TestTimeout() }
        return state
    }
}
