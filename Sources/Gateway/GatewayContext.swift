import FleetCore
package import Hummingbird
import JSON
import Logging

/// What is known about a request while it is answered.
package struct GatewayContext: RequestContext {
    /// What the framework keeps per request.
    package var coreContext: CoreRequestContextStorage
    /// Names the request in logs, answers and errors; from the client's `X-Request-Id` if that is usable.
    package var requestID = ""
    /// Who sends it; nil before authentication and on open routes.
    var principal: Principal?
    /// What it is about, as far as its route has found out.
    let subject = RequestSubject()
    /// When it came, as spans measure it.
    var receivedAt: UInt64 = 0

    /// Made by the framework for each request.
    package init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
    }

    /// - Throws: 401 on a route that was set up without authentication.
    func requirePrincipal() throws(GatewayError) -> Principal {
        guard let principal else { throw .unauthorized("This needs an API key") }
        return principal
    }
}

/// An authenticated caller.
struct Principal: Sendable, Equatable {
    let key: APIKey

    /// Whose tasks are visible; nil: everybody's.
    ///
    /// - Throws: 403 for a user's key that names no user.
    func owner() throws(GatewayError) -> String? {
        guard key.role == .user else { return nil }
        guard let userID = key.userID else { throw .forbidden("This API key belongs to no user") }
        return userID
    }

    /// Who owns a task that is handed in.
    ///
    /// - Throws: 403 if a user hands in for somebody else.
    func userID(for submission: TaskSubmission) throws(GatewayError) -> String {
        guard let owner = try owner() else { return submission.userID ?? key.userID ?? UserID.anonymous }
        guard submission.userID == nil || submission.userID == owner else {
            throw .forbidden(
                "This API key hands in tasks for its own user only",
                details: ["user_id": .string("User id must be \(owner) or absent")])
        }
        return owner
    }
}
