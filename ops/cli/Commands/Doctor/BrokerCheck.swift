import AMQPClient
import Catalogues
import FleetBus
import FleetCore
import Logging
import Providers

/// What the fleet's processes would be told by the broker.
struct BrokerCheck {
    private let fleet: FleetEnvironment
    /// Empty: they are not known here.
    private let agentTypes: [String]

    init(_ fleet: FleetEnvironment, agentTypes: [String]) {
        self.fleet = fleet
        self.agentTypes = agentTypes
    }

    init(_ fleet: FleetEnvironment, environment: [String: String]) {
        self.init(fleet, agentTypes: Self.agentTypes(environment))
    }

    private static let patience: Duration = .seconds(5)

    /// Declares what the processes declare, and tries whether messages can be sent and read.
    func finding() async -> Finding {
        do {
            let configuration = try settings("doctor")
            let topology = FleetTopology.topology(agentTypes: agentTypes)
            let all = AMQPTopology(
                exchanges: topology.exchanges, queues: topology.queues + FleetTopology.wakeTopology.queues,
                bindings: topology.bindings)
            return try await Self.withPublisher(configuration, all) { publisher in
                if let problem = Self.problem(publisher.health.refusals, publisher.advice, configuration) {
                    throw problem
                }
                try await Self.trySending(publisher)
                try await tryReading(configuration)
                return .fine("broker", "RabbitMQ at \(configuration) has the fleet's \(all.queues.count) queues")
            }
        } catch let problem as BrokerProblem {
            return .problem("broker", problem.text, await remedy(problem))
        } catch {
            return .problem("broker", "\(error)", start)
        }
    }

    /// Where the broker has said nothing, it is not known that it is one.
    private func remedy(_ problem: BrokerProblem) async -> String {
        guard let error = problem.unanswered else { return problem.remedy }
        let origin = fleet.origin(of: "AMQP_URL")
        let remedy = Remedy(for: error, setting: "AMQP_URL", origin: origin)
        guard remedy.doubtsPeer, let configuration = try? settings("doctor"),
            await WebServer.answers(configuration.host, Int(configuration.port))
        else { return remedy.text }
        return Remedy.otherProtocol("AMQP_URL", origin).text
    }

    /// Looks only: nil if the broker is there, takes messages and has the fleet's queues.
    func trouble() async -> String? {
        guard fleet["AMQP_URL"] != nil else { return nil }
        let answer = await Answer {
            let configuration = try settings("status")
            try await Self.withPublisher(configuration, AMQPTopology()) { publisher in
                try await Self.trySending(publisher)
                try await checkQueues(publisher)
            }
        }
        return answer.problem
    }

    private func checkQueues(_ publisher: AMQPPublisher) async throws {
        var missing: [(queue: String, words: String)] = []
        for type in agentTypes {
            let queue = FleetTopology.ticketQueue(type)
            do {
                _ = try await publisher.inspect(queue)
            } catch {
                guard error.replyCode != 0 else { throw error }
                missing.append((queue, error.message))
            }
        }
        guard let first = missing.first else { return }
        let more = missing.count > 1 ? " and \(missing.count - 1) more" : ""
        throw BrokerProblem(text: "queue '\(first.queue)'\(more): \(first.words)", remedy: "`mixmyai doctor` tells why")
    }

    /// A queue of our own, so that nobody's tickets are touched. Its name is of the kind that rights are given for.
    private func tryReading(_ configuration: AMQPConfiguration) async throws {
        let queue = AMQPQueue(
            name: FleetTopology.ticketQueue("doctor.\(UInt32.random(in: 0...UInt32.max))"), isDurable: false,
            isAutoDelete: true, isExclusive: true, arguments: ["x-queue-type": "classic"])
        let consumer = try AMQPConsumer(
            configuration: configuration, topology: AMQPTopology(queues: [queue]), logger: Self.silent)
        let refusal = await withTaskGroup(of: Void.self) { group in
            group.addTask { await consumer.run() }
            var refusal: AMQPError?
            do throws(AMQPError) {
                _ = try await consumer.consume(queue: queue.name, prefetch: 1)
            } catch {
                refusal = error
            }
            // Who may not even make a queue cannot be tried this way.
            if case .queue? = consumer.health.refusals.first?.subject { refusal = nil }
            await consumer.shutdown()
            return refusal
        }
        if let refusal { throw refusal }
    }

    private static func problem(
        _ refusals: [AMQPRefusal], _ advice: BrokerAdvice, _ configuration: AMQPConfiguration
    ) -> BrokerProblem? {
        guard let first = refusals.first, let words = advice.words(refusals) else { return nil }
        return BrokerProblem(
            text: "RabbitMQ at \(configuration) refuses: \(words)", remedy: advice.remedy(first))
    }

    /// A message that nobody has a queue for: the broker drops it if it takes any at all.
    private static func trySending(_ publisher: AMQPPublisher) async throws {
        let message = AMQPMessage(routingKey: "mixmyai.rights", body: [], isPersistent: false, isMandatory: false)
        try await publisher.publish([message], timeout: patience)
    }

    private static func withPublisher<Value: Sendable>(
        _ configuration: AMQPConfiguration, _ topology: AMQPTopology,
        _ body: @escaping @Sendable (AMQPPublisher) async throws -> Value
    ) async throws -> Value {
        let publisher = try AMQPPublisher(configuration: configuration, topology: topology, logger: silent)
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask {
                await publisher.run()
                return nil
            }
            let result: Result<Value, any Error>
            do {
                try await connect(publisher, configuration)
                result = .success(try await body(publisher))
            } catch let error as AMQPError {
                result = .failure(
                    BrokerProblem(
                        text: "RabbitMQ at \(configuration): \(error)", remedy: publisher.advice.remedy(error),
                        unanswered: Self.isAnswer(error) ? nil : error))
            } catch {
                result = .failure(error)
            }
            await publisher.shutdown()
            return try result.get()
        }
    }

    /// It is a broker that has said so.
    private static func isAnswer(_ error: AMQPError) -> Bool {
        switch error.code {
        case .connectionRefused, .timedOut, .connectionLost, .protocolError, .tls: false
        default: true
        }
    }

    /// What the broker refuses to declare is looked at afterwards.
    private static func connect(_ publisher: AMQPPublisher, _ configuration: AMQPConfiguration) async throws {
        do {
            try await publisher.waitUntilReady(timeout: patience)
        } catch {
            if case .connecting = publisher.state { throw error }
        }
    }

    private func settings(_ command: String) throws -> AMQPConfiguration {
        do {
            var configuration = try AMQPConfiguration(url: try fleet.required("AMQP_URL"))
            configuration.name = "mixmyai-\(command)"
            configuration.requestTimeout = Self.patience
            return configuration
        } catch let error as AMQPError {
            throw BrokerProblem(text: "AMQP_URL: \(error.message)", remedy: start)
        } catch {
            throw BrokerProblem(text: "\(error)", remedy: start)
        }
    }

    private var start: String {
        fleet["AMQP_URL"] == nil
            ? "run `mixmyai up`, or set AMQP_URL" : "correct AMQP_URL (\(fleet.origin(of: "AMQP_URL")))"
    }

    /// Those of the catalogue that a process started here would use.
    private static func agentTypes(_ environment: [String: String]) -> [String] {
        guard
            let files = try? FleetFiles(
                environment: environment, executable: FleetFiles.executable,
                workingDirectory: FleetFiles.workingDirectory),
            let catalogues = try? FleetCatalogues(agents: files.agents, models: files.models)
        else { return [] }
        return catalogues.agents.agents.map(\.type)
    }

    private static var silent: Logger { Logger(label: "mixmyai") { _ in SwiftLogNoOpLogHandler() } }
}

/// Why the broker cannot be used, with what to do about it.
struct BrokerProblem: Error, CustomStringConvertible {
    let text: String
    let remedy: String
    /// What using it came to, if the broker had nothing to say about it.
    var unanswered: AMQPError?

    var description: String { "\(text): \(remedy)" }
}
