extension AMQPConfiguration {
    /// Reads `amqp://user:password@host:port/vhost?heartbeat=10` or `amqps://...`.
    ///
    /// User, password and virtual host are percent-decoded; no path means the virtual host `/`, as does `/%2F`.
    /// An IPv6 host stands in brackets. Parameters: `heartbeat` (seconds), `connection_timeout` (milliseconds),
    /// `frame_max` (bytes), `name`, and for amqps `verify` (`verify_peer` or `verify_none`), `cacertfile`,
    /// `certfile`, `keyfile`. An unknown parameter is an error.
    public init(url: String) throws(AMQPError) {
        guard let schemeEnd = url.firstRange(of: "://") else { throw .url("there is no scheme") }
        let scheme = url[..<schemeEnd.lowerBound].lowercased()
        guard scheme == "amqp" || scheme == "amqps" else { throw .url("the scheme is neither amqp nor amqps") }
        let (location, query) = url[schemeEnd.upperBound...].split(atFirst: "?")
        let (authority, path) = location.split(atFirst: "/")
        var address = authority
        var credentials: Substring?
        if let at = authority.lastIndex(of: "@") {
            credentials = authority[..<at]
            address = authority[authority.index(after: at)...]
        }
        let (host, port) = try Self.hostAndPort(address)
        self.init(host: host, port: port ?? (scheme == "amqps" ? 5671 : 5672), tls: scheme == "amqps" ? TLS() : nil)
        if let credentials {
            let (user, password) = credentials.split(atFirst: ":")
            self.user = try Self.decoded(user, as: "user")
            if let password { self.password = try Self.decoded(password, as: "password") }
        }
        if let path, !path.isEmpty {
            guard !path.contains("/") else { throw .url("the virtual host has an unescaped slash") }
            virtualHost = try Self.decoded(path, as: "virtual host")
        }
        for parameter in (query ?? "").split(separator: "&") {
            let (key, value) = parameter.split(atFirst: "=")
            try apply(String(key), Self.decoded(value ?? "", as: String(key)))
        }
    }

    private mutating func apply(_ key: String, _ value: String) throws(AMQPError) {
        switch key {
        case "heartbeat": heartbeat = .seconds(try Self.number(value, in: 1...65_535, as: key))
        case "connection_timeout": connectTimeout = .milliseconds(try Self.number(value, in: 1...600_000, as: key))
        case "frame_max": frameMax = try Self.number(value, in: 4096...16_777_216, as: key)
        case "name": name = value
        case "verify", "cacertfile", "certfile", "keyfile":
            guard var tls else { throw .url("\(key) needs the scheme amqps") }
            switch (key, value) {
            case ("verify", "verify_peer"): tls.verifiesPeer = true
            case ("verify", "verify_none"): tls.verifiesPeer = false
            case ("verify", _): throw .url("verify is neither verify_peer nor verify_none")
            case ("cacertfile", _): tls.authorityFile = value
            case ("certfile", _): tls.certificateFile = value
            default: tls.keyFile = value
            }
            self.tls = tls
        default: throw .url("there is an unknown parameter")
        }
    }

    private static func hostAndPort(_ address: Substring) throws(AMQPError) -> (String, UInt16?) {
        var host = address
        var port: Substring?
        if address.first == "[" {
            guard let end = address.firstIndex(of: "]") else { throw .url("the IPv6 address has no closing bracket") }
            host = address[address.index(after: address.startIndex)..<end]
            let rest = address[address.index(after: end)...]
            guard rest.isEmpty || rest.first == ":" else { throw .url("the IPv6 address is followed by other text") }
            port = rest.isEmpty ? nil : rest.dropFirst()
        } else {
            (host, port) = address.split(atFirst: ":")
        }
        guard !host.isEmpty else { throw .url("there is no host") }
        guard let port, !port.isEmpty else { return (try decoded(host, as: "host"), nil) }
        return (try decoded(host, as: "host"), UInt16(try number(String(port), in: 1...65_535, as: "port")))
    }

    private static func number(_ text: String, in range: ClosedRange<Int>, as part: String) throws(AMQPError) -> Int {
        guard let number = Int(text), range.contains(number) else {
            throw .url("\(part) is not a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    private static func decoded(_ text: Substring, as part: String) throws(AMQPError) -> String {
        guard text.contains("%") else { return String(text) }
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2)
            let isHex = digits.allSatisfy { Character(Unicode.Scalar($0)).isHexDigit }
            guard digits.count == 2, isHex, let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16) else {
                throw .url("\(part) has a malformed percent escape")
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        // A zero byte would end the C string early and so name something else.
        guard !bytes.contains(0), let string = String(validating: bytes, as: UTF8.self) else {
            throw .url("\(part) is not text")
        }
        return string
    }
}

extension Substring {
    fileprivate func split(atFirst separator: Character) -> (Substring, Substring?) {
        guard let index = firstIndex(of: separator) else { return (self, nil) }
        return (self[..<index], self[self.index(after: index)...])
    }
}

extension AMQPError {
    /// The reason names the part of the URL, never its text.
    fileprivate static func url(_ reason: String) -> AMQPError { AMQPError(.invalidURL, reason) }
}
