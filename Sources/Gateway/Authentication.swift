import FleetCore
import Hummingbird
import Logging

/// Lets requests with a valid API key through: `X-API-Key: mxa_...` or `Authorization: Bearer mxa_...`.
struct Authentication: RouterMiddleware {
    let authenticator: Authenticator

    func handle(
        _ request: Request, context: GatewayContext,
        next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        guard let secret = Self.secret(request.headers) else {
            throw GatewayError.unauthorized(
                "An API key is required: X-API-Key: mxa_... or Authorization: Bearer mxa_...")
        }
        guard let key = try await authenticator.key(forSecret: secret) else {
            throw GatewayError.unauthorized("The API key is unknown or revoked")
        }
        var context = context
        context.principal = Principal(key: key)
        context.logger[metadataKey: "api_key"] = .string(key.name)
        return try await next(request, context)
    }

    private static func secret(_ headers: HTTPFields) -> String? {
        if let key = headers[.apiKey] { return key }
        guard let value = headers[.authorization], value.prefix(7).lowercased() == "bearer " else { return nil }
        return String(value.dropFirst(7).drop { $0 == " " })
    }
}
