import FleetCore
import FleetStore
import JSON

/// Notes in the audit log what was done to the processes of a private fleet.
struct WorkerAudit {
    let global: GlobalOptions

    /// A database that is away keeps nobody from scaling: it is said instead.
    func note(_ action: OperatorAction, _ verb: String, _ object: String, after: JSONValue? = nil) async {
        let answer = await Answer {
            try await FleetDatabase.withPool(global.privateFleet, patience: .seconds(5)) {
                try await OperatorStore(pool: $0).note(action, verb, object, after: after)
            }
        }
        if let problem = answer.problem {
            global.console.note("warning: the audit log does not have it: \(PlainText.line(problem))")
        }
    }
}
