import HTTPTransport
import TestServers

/// Runs a body with a client that is shut down afterwards.
func withClient<Result>(
    _ configuration: HTTPClientConfiguration = .init(), _ body: (HTTPClient) async throws -> Result
) async throws -> Result {
    try await withResource(HTTPClient(configuration: configuration), close: { await $0.shutdown() }, body: body)
}

/// The transport's error that a body throws, if any.
func failure(_ body: () async throws -> Void) async -> HTTPError? {
    do {
        try await body()
        return nil
    } catch { return error as? HTTPError }
}
