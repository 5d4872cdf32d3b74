/// Who a request comes from.
public struct APIKey: Sendable, Equatable {
    /// What a key may do.
    public enum Role: String, Sendable, CaseIterable {
        /// Sees and changes its own user's tasks only.
        case user
        case admin
        /// Another service; like an admin, without changing the fleet's settings.
        case system
    }

    public var name: String
    public var role: Role
    public var userID: String?

    public init(name: String, role: Role, userID: String?) {
        self.name = name
        self.role = role
        self.userID = userID
    }
}

/// Where the keys are; only their hashes are stored.
public protocol APIKeyStore: Sendable {
    /// The key that was issued with this secret and is not revoked.
    ///
    /// - Throws: ``TaskRepositoryError`` if the store cannot be asked.
    func key(forSecret secret: String) async throws -> APIKey?
}
