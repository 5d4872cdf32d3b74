import FleetCore
import FleetStore

/// The three servers.
struct ServerCheck {
    private let fleet: FleetEnvironment
    private let broker: BrokerCheck

    init(_ fleet: FleetEnvironment, _ broker: BrokerCheck) {
        self.fleet = fleet
        self.broker = broker
    }

    func findings() async -> [Finding] {
        let versions = await ServerVersions.ask(fleet)
        return await [
            database(versions.postgres), schema(versions.postgres), broker.finding(),
            brokerVersion(versions.rabbitMQ),
            redis(versions.redis),
        ].compactMap(\.self)
    }

    private func start(_ variable: String) -> String {
        fleet[variable] == nil
            ? "run `mixmyai up`, or set \(variable)"
            : "check \(variable) (\(fleet.origin(of: variable))) and that the server runs"
    }

    private func database(_ version: Answer<String>) -> Finding {
        guard let text = version.value else {
            return .problem("database", version.problem ?? "no answer", start("DATABASE_URL"))
        }
        return Self.isAtLeast(text, 13, 0)
            ? .fine("database", "PostgreSQL \(text)")
            : .problem("database", "PostgreSQL \(text) is too old", "use PostgreSQL 13 or newer")
    }

    /// Nil if the database did not even answer.
    private func schema(_ version: Answer<String>) async -> Finding? {
        guard version.value != nil else { return nil }
        let answer = await Answer {
            try await FleetDatabase.withPool(try fleet.required("DATABASE_URL")) { pool in
                try await Migrator(pool: pool).check()
            }
        }
        if let problem = answer.problem {
            return .problem("schema", problem, "run `mixmyai migrate` of the version in use")
        }
        return .fine("schema", "at \(Migrator.latest)")
    }

    /// Nil if nobody told where the management is: it is not needed for work.
    private func brokerVersion(_ version: Answer<String>) -> Finding? {
        guard fleet["RABBITMQ_MANAGEMENT_URL"] != nil else { return nil }
        guard let text = version.value else {
            return .problem("broker version", version.problem ?? "no answer", start("RABBITMQ_MANAGEMENT_URL"))
        }
        return Self.isAtLeast(text, 3, 8)
            ? .fine("broker version", "RabbitMQ \(text)")
            : .problem("broker version", "RabbitMQ \(text) is too old", "use RabbitMQ 3.8 or newer")
    }

    private func redis(_ version: Answer<String>) -> Finding {
        guard let text = version.value else {
            return .problem("redis", version.problem ?? "no answer", start("REDIS_URL"))
        }
        return Self.isAtLeast(text, 6, 0)
            ? .fine("redis", "Redis \(text)")
            : .problem("redis", "Redis \(text) is too old", "use Redis 6 or newer")
    }

    static func isAtLeast(_ version: String, _ major: Int, _ minor: Int) -> Bool {
        let numbers = version.split { !$0.isNumber }.prefix(2).map { Int($0) ?? 0 }
        return !numbers.lexicographicallyPrecedes([major, minor])
    }
}
