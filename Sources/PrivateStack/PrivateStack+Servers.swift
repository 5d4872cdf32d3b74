package import Logging

extension PrivateStack {
    /// Starts PostgreSQL, RabbitMQ and Redis only, runs `body` with them, and stops them, whatever happens.
    ///
    /// - Returns: the body's result.
    /// - Throws: ``PrivateStackError`` if the servers do not start, otherwise what the body throws.
    package static func withServers<Value: Sendable>(
        _ options: Options, logger: Logger, _ body: @escaping @Sendable (StackContext) async throws -> Value
    ) async throws -> Value {
        let stack = PrivateStack(options, logger: logger)
        let (results, continuation) = AsyncStream<Result<Value, any Error>>.makeStream()
        return try await withThrowingTaskGroup { group in
            group.addTask {
                defer { continuation.finish() }
                try await stack.run { context in
                    let result: Result<Value, any Error>
                    do {
                        result = .success(try await body(context))
                    } catch {
                        result = .failure(error)
                    }
                    continuation.yield(result)
                    stack.requestStop()
                }
            }
            // The servers' end, and a failed start.
            try await group.waitForAll()
            for await result in results { return try result.get() }
            throw PrivateStackError(.interrupted, "interrupted before the servers were ready")
        }
    }
}
