import HTTPTypes

extension HTTPField.Name {
    static let requestID = literal("X-Request-Id")
    static let traceparent = literal("traceparent")
    static let apiKey = literal("X-API-Key")

    /// - Precondition: the text is a valid field name.
    private static func literal(_ text: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(text) else { preconditionFailure("\(text) is no field name") }
        return name
    }
}
