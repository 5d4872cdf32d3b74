/// Who a request comes from.
package struct APIKey: Sendable, Equatable {
    /// What a key may do.
    package enum Role: String, Sendable, CaseIterable {
        /// Sees and changes its own user's tasks only.
        case user
        case admin
        /// Another service; like an admin, without changing the fleet's settings.
        case system
    }

    /// What operators call it; log lines name it, never the secret.
    package var name: String
    /// What the gateway lets it do; a `user` key is bound to `userID`.
    package var role: Role
    /// Whose tasks a `user` key sees and hands in; without it such a key may do nothing. Keys of other roles see every
    /// task: here it is the owner of tasks that name none.
    package var userID: String?

    /// A key as it was issued; its secret is not a part of it.
    package init(name: String, role: Role, userID: String?) {
        self.name = name
        self.role = role
        self.userID = userID
    }
}

/// Where the keys are; only their hashes are stored.
package protocol APIKeyStore: Sendable {
    /// The key that was issued with this secret and is not revoked.
    func key(forSecret secret: String) async throws(StoreFailure) -> APIKey?
}
