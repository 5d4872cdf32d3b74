import Synchronization

/// Why connections cannot be made at present; shared by a pool's connections, so that callers who wait in vain for a
/// connection hear the cause.
final class PostgresOutage: Sendable {
    private let state = Mutex<PostgresError?>(nil)

    /// The last attempt's error; nil after a success.
    var error: PostgresError? {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}
