import FleetCore
import Hummingbird
import JSON

/// `GET /api/v1/agents/types`.
struct AgentRoutes: Sendable {
    let tasks: any TaskRepository

    func add(to group: RouterGroup<GatewayContext>) {
        group.get("agents/types", use: types)
    }

    @Sendable private func types(_ request: Request, context: GatewayContext) async throws -> Response {
        let types = try await tasks.agentTypes().map { agent -> JSONValue in
            [
                "type": .string(agent.type), "description": .string(agent.description),
                "capabilities": .strings(agent.capabilities), "role": .string(agent.role),
            ]
        }
        return .json(["agent_types": .array(types)])
    }
}
