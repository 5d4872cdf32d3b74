import FleetCore
import FoundationEssentials
import Hummingbird
import JSON
import UTC

/// `GET /api/v1/health`, open to everybody.
struct HealthRoutes: Sendable {
    let probes: [HealthProbe]
    let timeout: Duration

    func add(to router: Router<GatewayContext>) {
        router.get("api/v1/health", use: health)
    }

    @Sendable private func health(_ request: Request, context: GatewayContext) async throws -> Response {
        let results = await withTaskGroup(of: (String, Bool).self) { group in
            for probe in probes { group.addTask { (probe.name, await probe.isHealthy(within: timeout)) } }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        let failed = probes.filter { results[$0.name] != true }
        let isDown = failed.contains(where: \.isEssential)
        var services = JSONObject()
        for probe in probes { services[probe.name] = results[probe.name] == true ? "healthy" : "unhealthy" }
        let body: JSONValue = [
            "status": isDown ? "unhealthy" : failed.isEmpty ? "healthy" : "degraded",
            "timestamp": .string(Timestamp.iso8601(microseconds: Self.now())), "services": .object(services),
        ]
        return .json(body, status: isDown ? .serviceUnavailable : .ok)
    }

    /// Microseconds since 1970-01-01 UTC.
    private static func now() -> Int {
        Int(Date().timeIntervalSince1970 * 1_000_000)
    }
}
