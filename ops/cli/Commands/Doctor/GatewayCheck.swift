import FleetCore

/// The gateway, and whether it takes our key.
struct GatewayCheck {
    private let fleet: FleetEnvironment

    init(_ fleet: FleetEnvironment) { self.fleet = fleet }

    func finding() async -> Finding {
        do {
            return try await GatewayAPI.withAPI(fleet) { api in
                _ = try await api.get("/api/v1/tasks", query: [("limit", "1")])
                return .fine("gateway", "\(api.baseURL) takes the API key")
            }
        } catch let error as CommandError where error.exit == .notAllowed {
            return .problem(
                "gateway", "\(error)",
                "set MIXMYAI_API_KEY (\(fleet.origin(of: "MIXMYAI_API_KEY"))) to a key that is registered")
        } catch {
            return .problem("gateway", "\(error)", "run `mixmyai up`, or check MIXMYAI_API_URL")
        }
    }
}
