import HTTPTransport

/// Runs a body with a client that is shut down afterwards.
func withClient<Result>(
    _ configuration: HTTPClientConfiguration = .init(), _ body: (HTTPClient) async throws -> Result
) async throws -> Result {
    let client = try HTTPClient(configuration: configuration)
    do {
        let result = try await body(client)
        await client.shutdown()
        return result
    } catch {
        await client.shutdown()
        throw error
    }
}

/// The transport's error that a body throws, if any.
func failure(_ body: () async throws -> Void) async -> HTTPError? {
    do {
        try await body()
        return nil
    } catch { return error as? HTTPError }
}
