/// Runs `body` with a resource and closes the resource, whether `body` throws or not.
package func withResource<Resource, Value>(
    _ resource: Resource, close: (Resource) async -> Void, body: (Resource) async throws -> Value
) async throws -> Value {
    let value: Value
    do {
        value = try await body(resource)
    } catch {
        await close(resource)
        throw error
    }
    await close(resource)
    return value
}
