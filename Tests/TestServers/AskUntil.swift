/// Asks until it is so, for what a server tells nobody: what a session waits for, that it takes connections again. The
/// test's time limit is the only bound. What happens in the test's own process is waited for with a signal.
package func askUntil(_ isSo: () async throws -> Bool) async throws {
    while try await !isSo() { try await Task.sleep(for: .milliseconds(2)) }
}
