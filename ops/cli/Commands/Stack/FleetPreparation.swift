import FleetCore
import FleetStore
import Logging
import PostgresClient
import PrivateStack

/// Makes a private fleet's database fit for its processes: schema, the administrator's key, the stand-in's limits.
struct FleetPreparation: Sendable {
    let databaseURL: String
    let apiKey: String
    let provider: ProviderMode

    func run() async throws {
        try await FleetDatabase.withPool(databaseURL) { try await prepare($0) }
    }

    /// Prepares the database again whenever it has lost its schema: its data may be deleted while it is down.
    /// Returns when the task is cancelled.
    func keep(_ logger: Logger) async {
        while !Task.isCancelled {
            do {
                try await FleetDatabase.withPool(databaseURL) { pool in
                    while !Task.isCancelled {
                        try await Task.sleep(for: .seconds(1))
                        do {
                            try await Migrator(pool: pool).check()
                        } catch let error as StoreError where error.code == .schemaMissing {
                            logger.warning("the database is empty: preparing it again")
                            try await prepare(pool)
                        }
                    }
                }
            } catch {
                // The database is away; its supervisor brings it back.
                try? await Task.sleep(for: .seconds(1))
            }
        }
    }

    private func prepare(_ pool: PostgresPool) async throws {
        _ = try await Migrator(pool: pool).migrate()
        try await PostgresTaskRepository(pool: pool).register(
            APIKey(name: "private fleet", role: .admin, userID: nil), secret: apiKey)
        let store = OperatorStore(pool: pool)
        switch provider {
        case .twin: try await store.setLimitsIfNone(Self.twinLimits)
        // What was right for the stand-in must not be let loose on a real account.
        case .live: try await store.removeLimits(Self.twinLimits)
        }
    }

    /// The stand-in has no limits of its own, so that demos run as fast as the fleet can. `limit set` changes them.
    static let twinLimits = ["openai", "anthropic"].map { provider in
        LimitSetting(
            provider: provider, limitClass: LimitSetting.allClasses,
            limits: RateLimits(requests: 600_000, tokens: 2_000_000_000))
    }
}

extension FleetPreparation {
    init(_ context: StackContext, provider: ProviderMode) {
        self.init(databaseURL: context.databaseURL, apiKey: context.apiKey, provider: provider)
    }
}
