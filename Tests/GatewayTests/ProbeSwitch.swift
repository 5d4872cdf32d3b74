import Synchronization

/// What the dependencies of a test pretend to be.
final class ProbeSwitch: Sendable {
    private let state = Mutex((database: false, redis: false))

    var isDatabaseAway: Bool {
        get { state.withLock { $0.database } }
        set { state.withLock { $0.database = newValue } }
    }

    var isRedisFrozen: Bool {
        get { state.withLock { $0.redis } }
        set { state.withLock { $0.redis = newValue } }
    }
}
