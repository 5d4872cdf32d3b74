/// Where a connection stands.
package enum AMQPConnectionState: Sendable, Equatable {
    /// Not connected; trying, once `run()` was called. Carries why the last connection or attempt ended.
    case connecting(AMQPError?)
    /// Connected, topology declared.
    case ready
    /// Connected, and the broker takes no publishes for the reason given.
    case blocked(reason: String)
    /// Shut down for good.
    case closed

    var isConnected: Bool {
        switch self {
        case .ready, .blocked: true
        case .connecting, .closed: false
        }
    }
}
