import FleetCore
import FleetStore
import PostgresClient
import RedisClient

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
            database(versions.postgres), pooler(versions.postgres), schema(versions.postgres),
            snapshot(versions.postgres), broker.finding(),
            brokerVersion(versions.rabbitMQ),
            redis(versions.redis),
        ].compactMap(\.self)
    }

    /// What to do about a server that has not answered as it should.
    ///
    /// - Parameter address: where it should be; asked whether it is a web server, if that could be.
    private func remedy<Value>(
        _ answer: Answer<Value>, _ variable: String, _ address: @autoclosure () -> (host: String, port: Int)?
    ) async -> String {
        guard fleet[variable] != nil, let failure = answer.failure else {
            return "run `mixmyai up`, or set \(variable)"
        }
        let remedy = Remedy(for: failure, setting: variable, origin: fleet.origin(of: variable))
        guard remedy.doubtsPeer, let (host, port) = address(), await WebServer.answers(host, port) else {
            return remedy.text
        }
        return Remedy.otherProtocol(variable, fleet.origin(of: variable)).text
    }

    private func database(_ version: Answer<String>) async -> Finding {
        guard let text = version.value else {
            let remedy = await remedy(
                version, "DATABASE_URL", try? FleetDatabase.configuration(fleet, "DATABASE_URL").firstAddress)
            return .problem("database", version.problem ?? "no answer", remedy)
        }
        return Self.isAtLeast(text, 13, 0)
            ? .fine("database", "PostgreSQL \(text)")
            : .problem("database", "PostgreSQL \(text) is too old", "use PostgreSQL 13 or newer")
    }

    /// Nil if there is none, or if it does what it should.
    private func pooler(_ version: Answer<String>) async -> Finding? {
        guard version.value != nil else { return nil }
        let answer = await Answer {
            try await PoolerCheck.check(try FleetDatabase.configuration(fleet, "DATABASE_URL"))
        }
        if let problem = answer.problem {
            return .problem("pooler", problem, await remedy(answer, "DATABASE_URL", nil))
        }
        guard let advice = answer.value?.first else { return nil }
        return .problem("pooler", advice, "run that as the database's owner")
    }

    /// Nil if the database did not even answer.
    private func schema(_ version: Answer<String>) async -> Finding? {
        guard version.value != nil else { return nil }
        let answer = await Answer {
            try await FleetDatabase.withPool(fleet) { pool in
                try await Migrator(pool: pool).check()
            }
        }
        if let problem = answer.problem {
            return .problem("schema", problem, Self.schemaRemedy(answer.failure))
        }
        return .fine("schema", "at \(Migrator.latest)")
    }

    /// Nil if there is nothing to say.
    private func snapshot(_ version: Answer<String>) async -> Finding? {
        guard version.value != nil else { return nil }
        return await Answer {
            try await FleetDatabase.withPool(fleet) { try await SnapshotCheck.finding(OperatorStore(pool: $0)) }
        }.value ?? nil
    }

    private static func schemaRemedy(_ failure: (any Error)?) -> String {
        switch failure {
        case let error as StoreError where error.code == .schemaTooNew:
            "use the programs of that version or a newer one"
        case let error as StoreError where [.schemaForeign, .unsuitableDatabase].contains(error.code):
            "run that command, then `mixmyai migrate`"
        case is StoreError: "run `mixmyai migrate` of the version in use"
        case let error?: Remedy(for: error, setting: "DATABASE_URL", origin: "as above").text
        case nil: "run `mixmyai migrate` of the version in use"
        }
    }

    /// Nil if nobody told where the management is: it is not needed for work.
    private func brokerVersion(_ version: Answer<String>) -> Finding? {
        guard fleet["RABBITMQ_MANAGEMENT_URL"] != nil else { return nil }
        guard let text = version.value else {
            return .problem(
                "broker version", version.problem ?? "no answer",
                "check RABBITMQ_MANAGEMENT_URL (\(fleet.origin(of: "RABBITMQ_MANAGEMENT_URL")))")
        }
        return Self.isAtLeast(text, 3, 8)
            ? .fine("broker version", "RabbitMQ \(text)")
            : .problem("broker version", "RabbitMQ \(text) is too old", "use RabbitMQ 3.8 or newer")
    }

    private func redis(_ version: Answer<String>) async -> Finding {
        guard let text = version.value else {
            let configuration = fleet["REDIS_URL"].flatMap { try? RedisConfiguration(url: $0) }
            let remedy = await remedy(version, "REDIS_URL", configuration.map { ($0.host, $0.port) })
            return .problem("redis", Self.named("REDIS_URL", version), remedy)
        }
        return Self.isAtLeast(text, 6, 0)
            ? .fine("redis", "Redis \(text)")
            : .problem("redis", "Redis \(text) is too old", "use Redis 6 or newer")
    }

    /// A problem with the setting's name before it, if it is the setting that is wrong.
    private static func named<Value>(_ setting: String, _ answer: Answer<Value>) -> String {
        switch answer.failure {
        case let error as RedisError where error.code == .invalidURL: "\(setting): \(error.message)"
        default: answer.problem ?? "no answer"
        }
    }

    static func isAtLeast(_ version: String, _ major: Int, _ minor: Int) -> Bool {
        let numbers = version.split { !$0.isNumber }.prefix(2).map { Int($0) ?? 0 }
        return !numbers.lexicographicallyPrecedes([major, minor])
    }
}
