import ArgumentParser
package import ProviderTwin

extension AnswerMode: ExpressibleByArgument {}

/// A switch that is spelled out.
enum YesOrNo: String, CaseIterable, ExpressibleByArgument {
    case yes
    case no
}

@main
struct ProviderTwinCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "provider-twin",
        abstract: "A stand-in for the OpenAI and Anthropic APIs, for demos, tests and load tests."
    )

    @Option(help: "Address to listen on.") var host = "127.0.0.1"
    @Option(help: "Port to listen on; 0 chooses one and logs it.") var port: Int
    @Option(help: "Seed of everything that is drawn.") var seed: UInt64 = 0
    @Option(help: "Reply time in milliseconds, A or A-B.") var latencyMs = "0"
    @Option(help: "Requests per minute for each key and model.") var rpm: Int?
    @Option(help: "Tokens per minute for each key and model.") var tpm: Int?
    @Option(help: "KIND=RATE, repeatable; a wrong kind lists the allowed ones.") var fault: [String] = []
    @Option(help: "inputs: verdicts follow from what the prompt shows; hash: they are drawn.")
    var answers = AnswerMode.inputs
    @Option(help: "yes: calls whose client left, or whose stream was cut off, are billed for what was done; no: not.")
    var disconnectBilling = YesOrNo.yes
    @Option(help: "A model beside those of the providers, repeatable; calls to any other are refused with 404.")
    var model: [String] = []
    @Option(help: "File that gets one JSON line per request.") var record: String?

    func settings() throws -> TwinConfiguration {
        do {
            let behaviour = try TwinBehaviour(
                latency: LatencyRange(argument: latencyMs), requestsPerMinute: rpm, tokensPerMinute: tpm,
                faults: FaultPlan(arguments: fault), answers: answers,
                billsDisconnects: disconnectBilling == .yes
            )
            return try TwinConfiguration(
                host: host, port: port, seed: seed, recordPath: record, ownModels: Set(model), behaviour: behaviour)
        } catch let error as TwinError {
            throw ValidationError(error.message)
        }
    }

    func validate() throws {
        _ = try settings()
    }

    func run() async throws {
        try await TwinProcess.run(settings())
    }
}
