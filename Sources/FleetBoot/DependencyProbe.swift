import ProcessProbes
import Synchronization

/// Knows whether something that a process depends on is there.
///
/// It is asked by one loop, never by those who want to know: however many they are, and however long a server that
/// hangs keeps its clients waiting, each process asks it one question at a time.
package final class DependencyProbe: Sendable {
    package static let interval = Duration.seconds(1)
    /// What whoever asks is told nothing about.
    private struct Away: Error {}

    private struct State {
        var problem: String? = "it has not been asked yet"
        /// When the question was asked that is not answered.
        var askedAt: ContinuousClock.Instant?
    }

    package let name: String
    private let check: @Sendable () async throws -> Void
    private let patience: Duration
    private let state = Mutex(State())

    /// - Parameters:
    ///   - patience: longer than any answer of a server that works.
    ///   - check: throws if it is not there; a ``BootError`` is shown to whoever asks.
    package init(
        _ name: String, patience: Duration = .seconds(1), check: @escaping @Sendable () async throws -> Void
    ) {
        self.name = name
        self.check = check
        self.patience = patience
    }

    /// What is wrong with it, in words that anybody may read; nil: nothing.
    package var problem: String? {
        state.withLock { state in
            if let askedAt = state.askedAt, ContinuousClock.now - askedAt > patience { return "it does not answer" }
            return state.problem
        }
    }

    /// - Throws: if something is wrong with it.
    @Sendable package func require() throws {
        if problem != nil { throw Away() }
    }

    /// Asks once.
    func ask() async {
        state.withLock { $0.askedAt = .now }
        var problem: String?
        do {
            try await check()
        } catch let error as BootError {
            problem = error.message
        } catch {
            // What a client says may name hosts and users.
            problem = "it cannot be reached"
        }
        state.withLock { $0 = State(problem: problem) }
    }
}
