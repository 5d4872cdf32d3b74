/// The virtual host that an AMQP URL names.
struct VirtualHost: Sendable, Equatable {
    /// As it stands in the path of a URL, percent-encoded: `%2F` for the default one.
    let pathSegment: String

    /// - Parameter url: `amqp://user:password@host:5672/name`; without a name it is the default one.
    init(ofURL url: String) {
        let rest = url.firstRange(of: "://").map { url[$0.upperBound...] } ?? url[...]
        let path = rest.firstIndex(of: "/").map { rest[rest.index(after: $0)...] } ?? ""
        let name = path.prefix { $0 != "?" }
        pathSegment = name.isEmpty ? "%2F" : String(name)
    }
}
