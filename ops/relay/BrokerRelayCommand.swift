import ArgumentParser
import BrokerRelay
import Foundation

/// `broker-relay`: another broker in front of the private one, for demos and trials.
@main
struct BrokerRelayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "broker-relay",
        abstract: "Stand in front of a RabbitMQ on this machine and behave like another one.",
        discussion: """
            Prints its port, then relays until it is ended, for a day at most; what it refuses it tells on standard error.
            For trials: see ops/demo --broker.
            """)

    @Option(help: "The ports.json of a private stack: its broker is asked for at each connection.")
    var ports: String

    @Flag(help: "Like RabbitMQ 4.3: transient shared queues end the connection with 541.") var rabbitmq43 = false
    @Option(help: "The virtual host's default queue type.") var defaultQueueType: String?
    @Option(help: "A queue whose node is away; may be repeated.") var absent: [String] = []

    func run() async throws {
        var broker = rabbitmq43 ? BrokerLike.rabbitMQ43 : BrokerLike()
        broker.defaultQueueType = defaultQueueType
        broker.absentQueues = Set(absent)
        let file = ports
        let relay = try BrokerRelay(
            to: { Self.brokerPort(in: file) }, like: broker,
            onRefusal: { FileHandle.standardError.write(Data("refused \($0)\n".utf8)) })
        FileHandle.standardOutput.write(Data("\(relay.port)\n".utf8))
        // Until a signal ends it; its sockets end with it.
        try await Task.sleep(for: .seconds(86_400))
        relay.close()
    }

    private static func brokerPort(in file: String) -> UInt16? {
        guard let data = FileManager.default.contents(atPath: file),
            let ports = try? JSONDecoder().decode([String: Int].self, from: data)
        else { return nil }
        return ports["rabbitmq"].flatMap { UInt16(exactly: $0) }
    }
}
