import Foundation
import Logging
import TestServers
import Testing

@testable import AMQPClient

struct TestTimeout: Error {}

func withTimeout<Value: Sendable>(
    _ timeout: Duration, _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await Task.sleep(for: timeout)
            throw TestTimeout()
        }
        defer { group.cancelAll() }
        guard let value = try await group.next() else { throw TestTimeout() }
        return value
    }
}
