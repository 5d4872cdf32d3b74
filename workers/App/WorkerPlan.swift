import Catalogues
import FleetBoot
import FleetCore

/// What a worker is to do: the settings and the catalogues that they name.
struct WorkerPlan {
    let name: String
    let catalogues: FleetCatalogues
    let endpoints: Endpoints
    /// With those models alone whose provider can be called.
    let agents: AgentCatalogue
    /// The agent types to consume.
    let types: [String]
    let slots: Int
    let drainTimeout: Duration

    init(_ context: ProcessContext) throws {
        let settings = context.settings
        name = settings.text("MIXMYAI_WORKER_NAME") ?? context.defaultName
        catalogues = try settings.catalogues()
        endpoints = try Endpoints(settings)
        agents = try endpoints.usable(catalogues.agents, catalogues.models.models)
        try endpoints.checkPrices(agents, catalogues.models.models, on: context.today)
        types = try Self.workedTypes(settings, agents)
        slots = try settings.number("MIXMYAI_WORKER_SLOTS", default: 256, in: 1...20_000)
        drainTimeout = .seconds(try settings.number("MIXMYAI_DRAIN_SECONDS", default: 20, in: 0...3600))
    }

    /// Those of the settings, or all.
    private static func workedTypes(_ settings: Settings, _ agents: AgentCatalogue) throws(BootError) -> [String] {
        let all = agents.agents.map(\.type)
        guard let wanted = settings.list("MIXMYAI_WORKER_TYPES") else { return all }
        for type in wanted where agents[type] == nil {
            throw BootError(
                .setting,
                "MIXMYAI_WORKER_TYPES names '\(type)', which the agent catalogue does not have; it has "
                    + all.joined(separator: ", "))
        }
        return wanted
    }
}
