package import FleetCore
import JSON
import PostgresClient

/// The operators' limits of the providers.
extension OperatorStore {
    /// By provider and class.
    package func limits() async throws -> [LimitSetting] {
        try await pool.withSession { session in
            try session.execute(Self.select).map { try LimitSetting(&$0) }
        }
    }

    /// Writes rows if there is none yet.
    package func setLimitsIfNone(_ settings: [LimitSetting]) async throws {
        try await pool.transaction { session in
            _ = try session.execute(Self.lock)
            guard try session.execute(Self.select).isEmpty else { return }
            for setting in settings { _ = try session.execute(Self.upsert, Self.parameters(setting)) }
        }
    }

    /// Deletes rows that still say exactly this; what an operator changed stays.
    package func removeLimits(_ settings: [LimitSetting]) async throws {
        let unchanged = try await limits().filter(settings.contains)
        try await pool.transaction { session in
            for setting in unchanged {
                _ = try session.execute(Self.delete, [.text(setting.provider), .text(setting.limitClass)])
            }
        }
    }

    /// Changes a row, or makes one out of the limits in force.
    ///
    /// - Returns: the row as it is now.
    package func changeLimits(
        provider: String, limitClass: String, _ action: OperatorAction,
        _ change: @escaping @Sendable (inout RateLimits) -> Void
    ) async throws -> LimitSetting {
        try await pool.transaction { session in
            _ = try session.execute(Self.lock)
            let found = try session.execute(Self.find, [.text(provider), .text(limitClass)])
                .first { try LimitSetting(&$0).limits }
            var limits = found ?? RateLimits.specified(for: provider)
            change(&limits)
            let setting = LimitSetting(provider: provider, limitClass: limitClass, limits: limits)
            _ = try session.execute(Self.upsert, Self.parameters(setting))
            try AuditSQL.write(
                action, "limit.set", "limit/\(provider)/\(limitClass)", before: found.map { .object($0.json) },
                after: .object(limits.json),
                in: session)
            return setting
        }
    }

    /// Takes a row back.
    ///
    /// - Returns: what is in force for it from now on.
    /// - Throws: ``OperatorError`` `notFound` if there is no such row.
    package func removeLimits(
        provider: String, limitClass: String, _ action: OperatorAction
    ) async throws -> LimitSetting {
        let place: [PostgresValue] = [.text(provider), .text(limitClass)]
        return try await pool.transaction { session in
            _ = try session.execute(Self.lock)
            let rows = try session.execute(Self.select).map { try LimitSetting(&$0) }
            guard let row = rows.first(where: { $0.provider == provider && $0.limitClass == limitClass }) else {
                throw OperatorError(.notFound, "there are no limits for \(provider)/\(limitClass): mixmyai limit list")
            }
            _ = try session.execute(Self.delete, place)
            let limits = RateLimits.inForce(provider: provider, limitClass: limitClass) { name in
                rows.first { $0 != row && $0.provider == provider && $0.limitClass == name }?.limits
            }
            try AuditSQL.write(
                action, "limit.remove", "limit/\(provider)/\(limitClass)", before: .object(row.limits.json),
                after: .object(limits.json), in: session)
            return LimitSetting(provider: provider, limitClass: limitClass, limits: limits)
        }
    }

    private static let delete = PostgresStatement(
        "limit_delete", "DELETE FROM provider_limits WHERE provider = $1 AND limit_class = $2")

    private static func parameters(_ setting: LimitSetting) -> [PostgresValue] {
        [.text(setting.provider), .text(setting.limitClass)]
            + setting.limits.columns.map { $0.value.map { .int4(Int32(clamping: $0)) } ?? .null }
    }

    private static let lock = PostgresStatement(
        "limits_lock", "LOCK TABLE provider_limits IN SHARE ROW EXCLUSIVE MODE")

    private static let select = PostgresStatement(
        "limits_all",
        """
        SELECT \(LimitSetting.columns)
        FROM provider_limits ORDER BY provider, limit_class
        """)

    /// The class's own row, else its provider's: what is in force for it.
    private static let find = PostgresStatement(
        "limits_find",
        """
        SELECT \(LimitSetting.columns)
        FROM provider_limits WHERE provider = $1 AND limit_class IN ($2, '*') ORDER BY limit_class = $2 DESC LIMIT 1
        """)

    private static let upsert = PostgresStatement(
        "limits_upsert",
        """
        INSERT INTO provider_limits (provider, limit_class, requests_per_minute, tokens_per_minute,
                                     input_tokens_per_minute, output_tokens_per_minute, concurrency)
        VALUES ($1, $2, $3::int4, $4::int4, $5::int4, $6::int4, $7::int4)
        ON CONFLICT (provider, limit_class) DO UPDATE SET
            requests_per_minute = excluded.requests_per_minute, tokens_per_minute = excluded.tokens_per_minute,
            input_tokens_per_minute = excluded.input_tokens_per_minute,
            output_tokens_per_minute = excluded.output_tokens_per_minute, concurrency = excluded.concurrency,
            updated_at = now()
        """)
}
