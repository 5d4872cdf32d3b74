/// The commands that wait to be sent, and whether the connection's thread is at work on them.
struct RedisQueue<Request> {
    enum Admission: Equatable {
        /// The thread has to be told.
        case startDraining
        /// The thread is at work and will see the request.
        case queued
        case full
        case shutDown
    }

    private let limit: Int
    private var waiting: [Request] = []
    private var isDraining = false
    private var isShutDown = false

    init(limit: Int) {
        self.limit = limit
    }

    mutating func add(_ request: Request) -> Admission {
        guard !isShutDown else { return .shutDown }
        guard waiting.count < limit else { return .full }
        waiting.append(request)
        guard !isDraining else { return .queued }
        isDraining = true
        return .startDraining
    }

    /// Everything that waits; nil if that is nothing, and then the next request starts the thread again.
    mutating func take() -> [Request]? {
        guard !waiting.isEmpty else {
            isDraining = false
            return nil
        }
        defer { waiting = [] }
        return waiting
    }

    /// Refuses further requests; those that wait are still answered.
    mutating func shutDown() {
        isShutDown = true
    }
}
