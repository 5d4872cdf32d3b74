/// Where a process of this machine has its probes, as its settings say.
struct ProbeTarget: CustomStringConvertible {
    let host: String
    let port: Int

    /// - Parameter port: nil: that of `MIXMYAI_PROBE_PORT`.
    /// - Throws: `usage` if there is none: a process without the setting takes any free port.
    init(port: Int?, _ fleet: FleetEnvironment) throws(CommandError) {
        host = Self.reachable(fleet["MIXMYAI_PROBE_HOST"] ?? "127.0.0.1")
        if let port {
            self.port = port
            return
        }
        guard let text = fleet["MIXMYAI_PROBE_PORT"] else {
            throw CommandError(.usage, "the port of the probes is not known: set MIXMYAI_PROBE_PORT, or give --port")
        }
        guard let number = Int(text), (1...65_535).contains(number) else {
            throw CommandError(
                .usage,
                "MIXMYAI_PROBE_PORT (\(fleet.origin(of: "MIXMYAI_PROBE_PORT"))) is '\(text.prefix(40))': a probe needs a "
                    + "number from 1 to 65535")
        }
        self.port = number
    }

    var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// Who listens on every address is asked on the loopback.
    private static func reachable(_ host: String) -> String {
        switch host {
        case "0.0.0.0": "127.0.0.1"
        case "::", "[::]": "::1"
        default: host
        }
    }
}
