import FleetCore
import Hummingbird

/// Refuses requests beyond their caller's quota, and tells all others how much is left.
struct QuotaGate: RouterMiddleware {
    let quota: any RequestQuota

    func handle(
        _ request: Request, context: GatewayContext,
        next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        let principal = try context.requirePrincipal()
        guard let state = await quota.admit(principal.key) else { return try await next(request, context) }
        guard !state.isExceeded else { throw GatewayError.rateLimited(state) }
        var response = try await next(request, context)
        for field in state.headers { response.headers[field.name] = field.value }
        return response
    }
}

extension QuotaState {
    /// The specification's headers.
    var headers: HTTPFields {
        [
            .rateLimitLimit: "\(limit)", .rateLimitRemaining: "\(max(0, limit - current))",
            .rateLimitReset: "\(resetAt)",
        ]
    }
}

extension GatewayError {
    /// 429 as the specification shows it.
    static func rateLimited(_ state: QuotaState) -> GatewayError {
        var headers = state.headers
        headers[.retryAfter] = "\(state.retryAfter)"
        return GatewayError(
            status: .tooManyRequests, name: "RateLimitExceeded", message: "Rate limit exceeded", headers: headers,
            members: [
                ("limit", .integer(state.limit)), ("current", .integer(state.current)),
                ("reset_at", .time(state.resetAt * 1_000_000)), ("retry_after", .integer(state.retryAfter)),
            ])
    }
}
