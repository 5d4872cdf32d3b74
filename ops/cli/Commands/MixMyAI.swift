package import ArgumentParser
import FleetCore

/// The command line of the fleet.
package struct MixMyAI: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "mixmyai",
        abstract: "Runs and operates a fleet that works off tasks with AI agents.",
        discussion: """
            mixmyai up                               start a private fleet here
            mixmyai task submit tasks.jsonl --wait   hand in tasks, one per line
            mixmyai task result task_abc             read an answer
            mixmyai down                             stop it again

            Every command takes, before or after its name, -o text|json|jsonl,
            --state-dir DIR, --no-input and --color auto|always|never. Data goes to
            standard output, messages to standard error.

            A command finds the fleet through MIXMYAI_API_URL, MIXMYAI_API_KEY and
            DATABASE_URL, or through the file `env` in the state directory, which comes
            first if --state-dir names it.

            Exit status: 0 ok, 1 failed, 2 usage, 3 partial success, 4 not allowed,
            5 not found, 6 conflict, 7 timed out, 130 interrupted.
            """,
        version: "mixmyai \(FleetVersion.number)",
        subcommands: [
            UpCommand.self, DownCommand.self, StatusCommand.self, HealthCommand.self, TopCommand.self,
            DoctorCommand.self, MigrateCommand.self,
            TaskCommands.self, WhyCommand.self, AuditCommand.self, BatchCommands.self, QueueCommands.self,
            DeadLetterCommands.self,
            OperationCommands.self,
            LimitCommands.self, CircuitCommands.self, WorkerCommands.self, AutoscaleCommand.self, ProbeCommand.self,
            VersionCommand.self, DemoCommand.self,
            ServersCommand.self,
        ])

    package init() {}

    /// Runs the command that the process was started with; ends the process if it fails.
    package static func main() async {
        Interruption.endsTheProcess()
        let arguments = ArgumentOrder.globalOptionsLast(
            ArgumentOrder.numbersAttached(Array(CommandLine.arguments.dropFirst())))
        do {
            var command = try parseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            FailureReport(error).end()
        }
    }
}
