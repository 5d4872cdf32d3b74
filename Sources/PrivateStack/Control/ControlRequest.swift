/// What the command line asks a running supervisor: one line of JSON.
struct ControlRequest: Codable, Sendable, Equatable {
    enum Command: String, Codable, Sendable {
        case status
        /// Ends the whole stack; answered when it has ended.
        case down
        /// Sets the number of workers to `count`; answered when they are ready, or gone.
        case scale
        /// Ends `name` in order and starts it again; answered when it is ready.
        case restart
        /// Ends `name` until `start`.
        case stop
        case start
        /// Lets the worker `name` finish what it has, however long that takes, and end until `start`; answered at once.
        case drain
    }

    var command: Command
    var name: String?
    var count: Int?
}
