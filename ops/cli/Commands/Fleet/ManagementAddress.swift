import FoundationEssentials

/// The address of RabbitMQ's HTTP API, its credentials taken out of the URL.
struct ManagementAddress: Sendable, Equatable {
    /// Without credentials and without a slash at the end.
    let url: String
    /// The value of the `Authorization` header.
    let authorization: String?

    /// - Parameter text: `http://user:password@host:15672`.
    init(_ text: String) throws(CommandError) {
        guard let scheme = text.firstRange(of: "://") else {
            throw CommandError(.usage, "RABBITMQ_MANAGEMENT_URL is not a URL")
        }
        var rest = text[scheme.upperBound...]
        if rest.hasSuffix("/") { rest = rest.dropLast() }
        let host = rest.prefix { $0 != "/" }
        if let at = host.lastIndex(of: "@") {
            authorization = "Basic " + Data(PercentEncoding.decoded(String(host[..<at]))).base64EncodedString()
            rest = rest[rest.index(after: at)...]
        } else {
            authorization = nil
        }
        url = String(text[..<scheme.upperBound] + rest)
    }
}
