import ArgumentParser

/// `mixmyai doctor`.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check connections, versions, configuration and keys, and say what to do about each finding.")

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run() async throws {
        let fleet = global.fleet
        var findings = MachineCheck(state: global.state, environment: global.environment).findings
        findings.append(CatalogueCheck(global.configuration).finding)
        findings += await ServerCheck(fleet, BrokerCheck(fleet, environment: global.configuration)).findings()
        findings.append(await GatewayCheck(fleet).finding())
        findings.append(KeyCheck(fleet).finding)
        findings += await BaseURLCheck(fleet).findings()
        let console = global.console
        console.emit(findings.map(\.json)) { findings.map { $0.line(console.style) }.joined(separator: "\n") }
        guard findings.allSatisfy(\.isFine) else { throw CommandExit.failed.code }
    }
}
