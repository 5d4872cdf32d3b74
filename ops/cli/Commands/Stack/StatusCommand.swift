import ArgumentParser
import FleetCore
import FleetStore
import JSON
import PrivateStack

/// `mixmyai status`.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show processes, versions, health and the backlog per agent type.")

    @OptionGroup(title: "Global options") var global: GlobalOptions

    /// A server that hangs is said to, soon.
    private static let patience: Duration = .seconds(5)

    func run() async throws {
        let fleet = global.fleet
        let stack = try await stackStatus()
        guard stack != nil || fleet["MIXMYAI_API_URL"] != nil else {
            throw CommandError(
                .failed,
                "no fleet is running in \(global.state.path). Start one with `mixmyai up`, or set MIXMYAI_API_URL")
        }
        async let apiHealth = health(fleet)
        async let backlog = ledger(fleet)
        async let openCircuits = circuits(fleet)
        async let asked = ServerVersions.ask(fleet)
        async let process = ProcessTroubles.ask(stack)
        async let broker = BrokerCheck(fleet, environment: global.configuration).trouble()
        async let facts = HealthCheck(fleet, configuration: global.configuration, state: global.state).facts()
        let (versions, troubles, brokerProblem) = await (asked, process, broker)
        let (health, ledger, circuits) = await (apiHealth, backlog, openCircuits)
        let ailing = (await facts.value?.parts ?? []).filter(\.isAiling)
        guard global.console.isText else {
            global.console.print([
                "version": .string(FleetVersion.number), "versions": versions.json,
                "stack": stack.map { StackReport($0).json(apiURL: global.privateFleet["MIXMYAI_API_URL"]) } ?? .null,
                "health": health.value ?? .null, "backlog": .array(ledger.value?.map(\.json) ?? []),
                "circuits": .array(circuits.value?.map(\.json) ?? []),
                "problems": .strings([health.problem, ledger.problem, brokerProblem].compactMap(\.self)),
                "troubles": troubles.json, "ailing": .array(ailing.map(\.json)),
            ])
            return
        }
        show(stack, health, ailing, ledger, circuits, versions)
        let lines = troubles.lines + [brokerProblem.map { "broker: \($0)" }].compactMap(\.self)
        for line in lines + ailing.map({ "\($0.part) is \($0.state.rawValue): \($0.reason)" }) {
            global.console.note("warning: \(PlainText.line(line))")
        }
        if !ailing.isEmpty { global.console.note("`mixmyai health` says what to do about each of them.") }
    }

    private func stackStatus() async throws -> StackStatus? {
        do {
            return try await StackControl(global.state).status()
        } catch  where error.code == .notRunning {
            return nil
        }
    }

    private func health(_ fleet: FleetEnvironment) async -> Answer<JSONValue> {
        await Answer { try await GatewayAPI.withAPI(fleet) { try await $0.health() } }
    }

    private func ledger(_ fleet: FleetEnvironment) async -> Answer<[BacklogRow]> {
        await Answer {
            try await FleetDatabase.withPool(fleet, patience: Self.patience) {
                try await OperatorStore(pool: $0).backlog()
            }
        }
    }

    private func circuits(_ fleet: FleetEnvironment) async -> Answer<[CircuitRow]> {
        await Answer {
            try await FleetDatabase.withPool(fleet, patience: Self.patience) {
                try await OperatorStore(pool: $0).openCircuits()
            }
        }
    }

    private func show(
        _ stack: StackStatus?, _ health: Answer<JSONValue>, _ ailing: [PartHealth], _ backlog: Answer<[BacklogRow]>,
        _ circuits: Answer<[CircuitRow]>, _ versions: ServerVersions
    ) {
        let console = global.console
        if let stack {
            console.print("fleet     \(console.paint(state: stack.state.rawValue)) in \(stack.stateDirectory)")
        }
        if let value = health.value {
            let services = (value["services"]?.object?.members ?? []).map { "\($0.key) \($0.value.string ?? "?")" }
            // What the gateway says of its servers is not all: a part that is ill is, whatever the others say.
            let status = ailing.isEmpty ? PlainText.line(value["status"]?.string ?? "unknown") : "ill"
            let parts = ailing.map { "\($0.part) \($0.state.rawValue)" } + services
            console.print(
                "health    \(console.paint(state: status)) (\(PlainText.line(parts.joined(separator: ", "))))")
        }
        console.print("versions  \(versions.text)")
        if let stack { console.print("\n" + console.render(StackReport(stack).table)) }
        if let rows = backlog.value {
            console.print(rows.isEmpty ? "\nNo work is waiting." : "\n" + console.render(BacklogRow.table(rows)))
        }
        if let rows = circuits.value, !rows.isEmpty {
            console.print("\nNot called at present (`mixmyai circuit reset` tries again at once):")
            console.print(console.render(CircuitRow.table(rows)))
        }
        for problem in [health.problem, backlog.problem].compactMap(\.self) { console.note("warning: \(problem)") }
    }
}
