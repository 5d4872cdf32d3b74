import HTTPTypes

extension HTTPField.Name {
    static let requestID = literal("X-Request-Id")
    static let apiKey = literal("X-API-Key")
    static let rateLimitLimit = literal("X-RateLimit-Limit")
    static let rateLimitRemaining = literal("X-RateLimit-Remaining")
    static let rateLimitReset = literal("X-RateLimit-Reset")

    /// - Precondition: the text is a valid field name.
    private static func literal(_ text: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(text) else { preconditionFailure("\(text) is no field name") }
        return name
    }
}
