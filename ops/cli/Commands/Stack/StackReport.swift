import FleetCore
import FoundationEssentials
import JSON
import PrivateStack

/// What runs, made readable.
struct StackReport: Sendable {
    private let status: StackStatus

    init(_ status: StackStatus) { self.status = status }

    /// The supervisor's own account, and where the API is.
    func json(apiURL: String?) -> JSONValue {
        let encoded = try? JSONEncoder().encode(status)
        var object = encoded.flatMap { try? JSONValue(parsing: $0) }?.object ?? JSONObject()
        object["is_ready"] = .bool(status.isReady)
        object["api_url"] = apiURL.map { .string($0) } ?? .null
        return .object(object)
    }

    var table: TextTable {
        var table = TextTable([
            .init("PROCESS"), .init("STATE", isState: true), .init("PID", isNumeric: true),
            .init("RESTARTS", isNumeric: true), .init("UPTIME", isNumeric: true), .init("LAST FAILURE"),
        ])
        for process in status.processes {
            table.add([
                process.name, process.state.rawValue, process.pid.map { "\($0)" } ?? "-", "\(process.restarts)",
                process.uptimeSeconds.map { PlainText.duration(seconds: Int($0)) } ?? "-",
                PlainText.shortened(process.lastFailure ?? "", to: 100),
            ])
        }
        return table
    }

    /// What to do with a fleet that has just started.
    ///
    /// - Parameter option: the `--state-dir` that commands need, or nothing.
    func nextSteps(apiURL: String?, option: String) -> String {
        """

        API       \(apiURL ?? "-")
        settings  \(status.stateDirectory)/env   (. \(status.stateDirectory)/env sets MIXMYAI_API_KEY and the URLs)
        logs      \(status.stateDirectory)/log

        Next:
          mixmyai\(option) task submit FILE --wait   hand in tasks, one JSON object per line
          mixmyai\(option) status                    processes, health and backlog
          mixmyai\(option) down                      stop
        """
    }
}
