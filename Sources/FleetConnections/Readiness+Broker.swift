package import AMQPClient
import FleetBus
package import ProcessProbes

extension Readiness.Check {
    /// Ready while the connection to the broker is, and some of what it is for can be done; what the broker refuses is
    /// shown in any case.
    ///
    /// - Parameter isNeeded: false: the process works without this connection as well.
    package static func broker(
        _ name: String, _ health: AMQPHealth, _ advice: BrokerAdvice, needs queues: [String] = [], isNeeded: Bool = true
    ) -> Readiness.Check {
        guard let trouble = BrokerTrouble(health, advice, queues: queues) else { return Readiness.Check(name) }
        return trouble.stopsEverything && isNeeded
            ? Readiness.Check(name, problem: trouble.words) : Readiness.Check(name, remark: trouble.words)
    }
}
