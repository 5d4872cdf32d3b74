import AMQPClient
import ProcessProbes

extension Readiness.Check {
    /// Ready while the connection to the broker is.
    static func broker(_ state: AMQPConnectionState) -> Readiness.Check {
        Readiness.Check("broker", problem: state == .ready ? nil : "the broker is not connected")
    }
}
