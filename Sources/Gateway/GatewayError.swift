import FleetCore
import HTTPServing
import HTTPTypes
import Hummingbird
import JSON

/// A failure as the API shows it: a status and the specification's body.
struct GatewayError: Error, Sendable {
    let status: HTTPResponse.Status
    /// The `error` member: a name for programs.
    let name: String
    let message: String
    var details: JSONValue = [:]
    var headers: HTTPFields = [:]
    /// Members of the body besides the usual ones.
    var members: [(key: String, value: JSONValue)] = []
    /// What the log says about it besides; never shown.
    var cause: String?

    static func badRequest(_ message: String, details: JSONValue = [:]) -> GatewayError {
        GatewayError(status: .badRequest, name: "ValidationError", message: message, details: details)
    }

    static func invalid(_ error: ValidationError) -> GatewayError {
        badRequest(error.message, details: error.details)
    }

    static func unauthorized(_ message: String) -> GatewayError {
        GatewayError(
            status: .unauthorized, name: "Unauthorized", message: message,
            headers: [.wwwAuthenticate: "Bearer realm=\"mixmyai\""])
    }

    static func forbidden(_ message: String, details: JSONValue = [:]) -> GatewayError {
        GatewayError(status: .forbidden, name: "Forbidden", message: message, details: details)
    }

    static func notFound(_ message: String) -> GatewayError {
        GatewayError(status: .notFound, name: "NotFound", message: message)
    }

    /// - Parameter allow: the methods that the path has.
    static func methodNotAllowed(allow: String) -> GatewayError {
        GatewayError(
            status: .methodNotAllowed, name: "MethodNotAllowed", message: "This path has other methods: \(allow)",
            details: ["allow": .strings(allow.split(separator: ",").map { String($0.drop { $0 == " " }) })],
            headers: [.allow: allow])
    }

    static func conflict(_ message: String, details: JSONValue = [:]) -> GatewayError {
        GatewayError(status: .conflict, name: "Conflict", message: message, details: details)
    }

    static func tooLarge(limit: Int) -> GatewayError {
        GatewayError(
            status: .contentTooLarge, name: "PayloadTooLarge", message: "The body must be at most \(limit) bytes",
            details: ["limit": .integer(limit)])
    }

    static func unsupportedMediaType(allowed: [String]) -> GatewayError {
        let list = allowed.joined(separator: ", ")
        return GatewayError(
            status: .unsupportedMediaType, name: "UnsupportedMediaType",
            message: "The content type must be \(list)", details: ["content_type": .string("must be \(list)")],
            headers: [.accept: list])
    }

    static var unsupportedEncoding: GatewayError {
        GatewayError(
            status: .unsupportedMediaType, name: "UnsupportedMediaType", message: "The body must not be compressed",
            details: ["content_encoding": "must be absent or identity"])
    }

    static func unavailable(_ message: String, cause: String) -> GatewayError {
        GatewayError(
            status: .serviceUnavailable, name: "ServiceUnavailable", message: message,
            headers: [.retryAfter: "\(retrySeconds)"],
            members: [("retry_after", .integer(retrySeconds))], cause: cause)
    }

    static func defect(_ cause: String) -> GatewayError {
        GatewayError(
            status: .internalServerError, name: "InternalError", message: "Something went wrong on our side",
            cause: cause)
    }

    /// What `Retry-After` says while the database is away.
    static let retrySeconds = 2

    /// The specification's error body, and the request's id.
    func body(requestID: String) -> JSONValue {
        var body = JSONObject()
        body["error"] = .string(name)
        body["message"] = .string(message)
        body["details"] = details
        body["request_id"] = .string(requestID)
        for member in members { body[member.key] = member.value }
        return .object(body)
    }
}

extension GatewayError {
    /// Anything that a handler may throw.
    init(_ error: any Error) {
        switch error {
        case let error as GatewayError: self = error
        case let error as ValidationError: self = .invalid(error)
        case let error as JSONError: self = .invalid(ValidationError(error))
        case let error as HTTPRefusal: self.init(refusal: error)
        case TaskRepositoryError.notFound: self = .notFound("There is no such task")
        case TaskRepositoryError.conflict(let message):
            self = .conflict(message.prefix(1).uppercased() + message.dropFirst())
        case TaskRepositoryError.failed(let failure): self.init(store: failure)
        case let failure as StoreFailure: self.init(store: failure)
        case let error as HTTPError where error.status == .notFound: self = .notFound("There is no such route")
        case let error as HTTPError:
            self = GatewayError(
                status: error.status, name: error.status.reasonPhrase.filter { $0 != " " },
                message: error.body ?? error.status.reasonPhrase)
        case is CancellationError: self = .unavailable("The service is shutting down", cause: "cancelled")
        default: self = .defect("\(type(of: error)): \(error)")
        }
    }

    private init(refusal: HTTPRefusal) {
        let status = HTTPResponse.Status(code: refusal.status, reasonPhrase: refusal.reason)
        let name = status == .badRequest ? "ValidationError" : status.reasonPhrase.filter { $0 != " " }
        self.init(status: status, name: name, message: refusal.message)
    }

    private init(store failure: StoreFailure) {
        switch failure.kind {
        case .outage:
            self = .unavailable("The database cannot be reached; nothing was changed", cause: failure.message)
        case .outcomeUnknown:
            self = .unavailable(
                "The database was lost while it was committing: look whether the change is there before repeating it",
                cause: failure.message)
        case .refusal, .defect: self = .defect(failure.message)
        }
    }
}
