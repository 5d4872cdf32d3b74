import ArgumentParser

/// The benchmark's processes: parts of the fleet in production composition, with a model that costs nothing.
///
/// Started by `ops/bench`. Servers are named by DATABASE_URL, AMQP_URL and REDIS_URL, catalogues by MIXMYAI_AGENTS and
/// MIXMYAI_MODELS, as for the fleet's own processes.
@main
struct FleetBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fleet-bench", abstract: "Processes for the benchmark.",
        subcommands: [
            WorkerCommand.self, SubmitCommand.self, PublishCommand.self, ConsumeCommand.self, CallsCommand.self,
        ])
}
