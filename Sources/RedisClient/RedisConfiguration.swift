/// Where Redis is and how patient its client is. Printing it never shows the password.
public struct RedisConfiguration: Sendable {
    /// Name or address.
    public let host: String
    /// 6379 if the URL has none.
    public let port: Int
    /// The ACL user; nil for the default user.
    public let user: String?
    /// The database number.
    public let database: Int
    /// Limit of one attempt to connect, sign in and select the database.
    public var connectTimeout: Duration = .seconds(2)
    /// How long a command may take, from being sent until its answer.
    public var commandTimeout: Duration = .seconds(2)

    let password: String?

    /// Reads `redis://[user][:password@]host[:port][/database]`. User and password are percent-encoded.
    ///
    /// - Throws: `.invalidURL`; the message never holds the password. `rediss://` is refused: hiredis 0.14 speaks no
    ///   TLS. Put a TLS tunnel (stunnel, an envoy or haproxy sidecar) on the loopback and point `redis://` at it.
    public init(url: String) throws(RedisError) {
        guard let separator = url.firstRange(of: "://") else {
            throw Self.invalid("the scheme has to be redis://")
        }
        switch url[..<separator.lowerBound].lowercased() {
        case "redis": break
        case "rediss":
            throw Self.invalid(
                "rediss:// needs TLS, which this client's hiredis does not have; use redis:// to a TLS tunnel such as "
                    + "stunnel on the loopback")
        default: throw Self.invalid("the scheme has to be redis://")
        }
        let rest = url[separator.upperBound...]
        guard !rest.contains("?"), !rest.contains("#") else { throw Self.invalid("parameters are not supported") }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let authority = rest[..<slash]
        let path = rest[slash...].dropFirst()

        if let at = authority.lastIndex(of: "@") {
            let parts = authority[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            user = try Self.decoded(parts[0], "the user")
            password = parts.count > 1 ? try Self.decoded(parts[1], "the password") : nil
            (host, port) = try Self.hostAndPort(authority[authority.index(after: at)...])
        } else {
            user = nil
            password = nil
            (host, port) = try Self.hostAndPort(authority)
        }
        if user != nil, password == nil { throw Self.invalid("a user needs a password") }
        guard let number = path.isEmpty ? 0 : Int(path), number >= 0 else {
            throw Self.invalid("the path has to be a database number")
        }
        database = number
    }

    private static func decoded(_ text: Substring, _ what: String) throws(RedisError) -> String? {
        guard !text.isEmpty else { return nil }
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2)
            guard digits.count == 2, digits.first != UInt8(ascii: "+"),
                let value = UInt8(Substring(digits), radix: 16)
            else { throw invalid("\(what) is not percent-encoded properly") }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else {
            throw invalid("\(what) is not percent-encoded properly")
        }
        return decoded
    }

    private static func hostAndPort(_ text: Substring) throws(RedisError) -> (String, Int) {
        var host = text
        var port: Substring?
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { throw invalid("the host's bracket is not closed") }
            host = text[text.index(after: text.startIndex)..<end]
            let tail = text[text.index(after: end)...]
            guard tail.isEmpty || tail.hasPrefix(":") else { throw invalid("the host is malformed") }
            port = tail.isEmpty ? nil : tail.dropFirst()
        } else if let colon = text.lastIndex(of: ":") {
            host = text[..<colon]
            port = text[text.index(after: colon)...]
        }
        guard !host.utf8.contains(0) else { throw invalid("the host is malformed") }
        guard let number = port.map({ Int($0) }) ?? 6379, (1...65535).contains(number) else {
            throw invalid("the port has to be 1 to 65535")
        }
        return (host.isEmpty ? "127.0.0.1" : String(host), number)
    }

    private static func invalid(_ reason: String) -> RedisError {
        RedisError(.invalidURL, "Redis URL: \(reason)")
    }
}

extension RedisConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Host, port and database.
    public var description: String { "redis://\(host):\(port)/\(database)" }

    /// The same as `description`.
    public var debugDescription: String { description }

    /// Empty: the password is among the children.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
