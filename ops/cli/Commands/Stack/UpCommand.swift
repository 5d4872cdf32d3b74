import ArgumentParser
import Logging
import PrivateStack

/// `mixmyai up`.
struct UpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up",
        abstract: "Start a private fleet on this machine.",
        discussion: """
            PostgreSQL, RabbitMQ, Redis, the gateway, the scheduler and the workers, all on 127.0.0.1. With the twin,
            a stand-in for the AI providers, nothing leaves this machine and nothing costs money.

            In a terminal the fleet runs until Ctrl-C. With --detach, or when standard output is no terminal, the
            command returns as soon as everything is ready; `mixmyai down` stops the fleet.
            """)

    @OptionGroup(title: "Global options") var global: GlobalOptions

    @Option(help: ArgumentHelp("How many workers to start.", valueName: "n")) var workers = 2
    @Option(help: "twin: a stand-in for the providers; live: the real ones, with the keys in the environment.")
    var provider: ProviderMode = .twin
    @Flag(help: "Return when everything is ready.") var detach = false
    /// How a detached start calls itself.
    @Flag(help: .hidden) var supervisor = false

    func validate() throws {
        guard (0...256).contains(workers) else { throw ValidationError("--workers must be 0 to 256.") }
    }

    func run() async throws {
        if !supervisor, let running = try await runningStack() {
            return report(running, note: "The fleet is running already")
        }
        let fleet = FleetSupervisor(state: global.state, blueprint: try blueprint())
        if supervisor { return try await fleet.run(logger: Self.logger(.info)) {} }
        do {
            try await start(fleet)
        } catch let error as PrivateStackError where error.code == .alreadyRunning {
            // Somebody else was a moment earlier.
            report(try await othersStack(), note: "The fleet is running already")
        }
    }

    private func start(_ fleet: FleetSupervisor) async throws {
        if detach || !StandardStream.output.isTerminal {
            try await startDetached()
        } else {
            global.console.note("Starting the fleet in \(global.state.path) ...")
            try await fleet.run(logger: Self.logger(.warning)) {
                // It was ready a moment ago: without an answer it is ending already.
                guard let status = try? await StackControl(global.state).status() else { return }
                report(status, note: "The fleet is ready. Ctrl-C stops it")
            }
            global.console.note("The fleet has stopped.")
        }
    }

    /// The stack of this directory, once it is ready; nil if none is running.
    private func runningStack() async throws -> StackStatus? {
        do {
            let control = StackControl(global.state)
            let status = try await control.status()
            return status.isReady ? status : try await control.waitUntilReady(within: .seconds(150))
        } catch  where error.code == .notRunning {
            return nil
        }
    }

    /// The stack that another command is just starting, once it is ready.
    private func othersStack() async throws -> StackStatus {
        let deadline = ContinuousClock.now + .seconds(10)
        while true {
            if let status = try await runningStack() { return status }
            guard ContinuousClock.now < deadline else {
                throw CommandError(.conflict, "another command holds \(global.state.path): try again in a moment")
            }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    private func blueprint() throws(CommandError) -> FleetBlueprint {
        let files = try FleetFiles(
            environment: global.configuration, executable: FleetFiles.executable,
            workingDirectory: FleetFiles.workingDirectory)
        return try FleetBlueprint(
            files: files, provider: provider, workerCount: workers, environment: global.configuration)
    }

    private func startDetached() async throws {
        let console = global.console
        let outcome = try await DetachedStack(global.state).start(
            executable: FleetFiles.executable,
            arguments: [
                "up", "--supervisor", "--state-dir", global.state.path, "--workers", "\(workers)", "--provider",
                provider.rawValue,
            ], environment: global.environment
        ) { console.note("  \($0)") }
        switch outcome {
        case .started: report(try await StackControl(global.state).status(), note: "The fleet is ready")
        case .alreadyRunning(let status): report(status, note: "The fleet is running already")
        }
    }

    private func report(_ status: StackStatus, note: String) {
        let report = StackReport(status)
        let apiURL = global.privateFleet["MIXMYAI_API_URL"]
        let console = global.console
        guard console.isText else { return console.print(report.json(apiURL: apiURL)) }
        console.print("\(note).")
        console.print(console.render(report.table))
        console.print(report.nextSteps(apiURL: apiURL, option: global.stateHint))
    }

    private static func logger(_ level: Logger.Level) -> Logger {
        var logger = Logger(label: "mixmyai", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = level
        return logger
    }
}
