import FleetCore
import FleetStore
import HTTPTransport
import JSON
import PostgresClient
import RedisClient

/// Which servers the fleet runs on.
struct ServerVersions: Sendable {
    /// `15.20`; the problem tells why it is unknown.
    let postgres: Answer<String>
    let redis: Answer<String>
    /// Known only through the management's address.
    let rabbitMQ: Answer<String>

    static func ask(_ fleet: FleetEnvironment) async -> ServerVersions {
        async let postgres = Answer { try await askPostgres(fleet) }
        async let redis = Answer { try await askRedis(fleet) }
        async let rabbitMQ = Answer { try await askRabbitMQ(fleet) }
        return await ServerVersions(postgres: postgres, redis: redis, rabbitMQ: rabbitMQ)
    }

    private var all: [(name: String, key: String, version: String?)] {
        [
            ("PostgreSQL", "postgres", postgres.value), ("RabbitMQ", "rabbitmq", rabbitMQ.value),
            ("Redis", "redis", redis.value),
        ]
    }

    var text: String {
        (["mixmyai \(FleetVersion.number)"] + all.map { "\($0.name) \($0.version ?? "unknown")" })
            .joined(separator: ", ")
    }

    var json: JSONValue {
        var object = JSONObject()
        object["mixmyai"] = .string(FleetVersion.number)
        for server in all { object[server.key] = server.version.map { .string($0) } ?? .null }
        return .object(object)
    }

    private static func askPostgres(_ fleet: FleetEnvironment) async throws -> String {
        try await FleetDatabase.withPool(fleet) { firstWord(try await OperatorStore(pool: $0).serverVersion()) }
    }

    private static func askRedis(_ fleet: FleetEnvironment) async throws -> String {
        let client = RedisClient(configuration: try RedisConfiguration(url: try fleet.required("REDIS_URL")))
        let info: Result<RedisValue, RedisError>
        do throws(RedisError) {
            info = .success(try await client.command(["INFO", "server"]))
        } catch {
            info = .failure(error)
        }
        await client.shutdown()
        let lines = (try info.get().string ?? "").split(whereSeparator: \.isNewline)
        let line = lines.first { $0.hasPrefix("redis_version:") }
        return firstWord(line.map { String($0.dropFirst("redis_version:".count)) } ?? "")
    }

    private static func askRabbitMQ(_ fleet: FleetEnvironment) async throws -> String {
        let overview = try await BrokerManagement.get("/api/overview", limit: 4 << 20, fleet)
        return firstWord(overview["rabbitmq_version"]?.string ?? "")
    }

    private static func firstWord(_ text: String) -> String {
        PlainText.line(String(text.split(whereSeparator: \.isWhitespace).first ?? "unknown"))
    }
}
