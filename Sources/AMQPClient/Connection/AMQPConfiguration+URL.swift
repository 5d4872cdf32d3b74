extension AMQPConfiguration {
    /// Reads `amqp://user:password@host:port/vhost?heartbeat=10` or `amqps://...`.
    ///
    /// User, password and virtual host are percent-decoded; no path means the virtual host `/`, as do `/%2F` and the
    /// `//` that Celery writes.
    /// An IPv6 host stands in brackets. Parameters: `heartbeat` (seconds), `connection_timeout` (milliseconds),
    /// `frame_max` (bytes), `name`, and for amqps `verify` (`verify_peer` or `verify_none`), `cacertfile`,
    /// `certfile`, `keyfile`. An unknown parameter is an error.
    package init(url: String) throws(AMQPError) {
        try Self.checkText(url)
        guard let schemeEnd = url.firstRange(of: "://") else {
            throw .url("there is no scheme: write amqp://host or amqps://host")
        }
        let scheme = url[..<schemeEnd.lowerBound].lowercased()
        guard scheme == "amqp" || scheme == "amqps" else { throw .url("the scheme is neither amqp nor amqps") }
        let rest = url[schemeEnd.upperBound...]
        guard !rest.contains("#") else { throw .url("a # has to be written %23") }
        let (location, query) = rest.split(atFirst: "?")
        let (authority, path) = location.split(atFirst: "/")
        guard authority.contains("@") || (query?.contains("@") != true && path?.contains("@") != true) else {
            throw .url("there is an @ after the host's place: in user and password / is written %2F, ? %3F and @ %40")
        }
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
            self.user = try Self.decoded(user, as: "the user")
            if let password { self.password = try Self.decoded(password, as: "the password") }
        }
        if let path, !path.isEmpty, path != "/" {
            guard !path.contains("/") else {
                throw .url("the path has more than one slash: a slash in the virtual host's name is written %2F")
            }
            virtualHost = try Self.decoded(path, as: "the virtual host")
        }
        for parameter in (query ?? "").split(separator: "&") {
            let (key, value) = parameter.split(atFirst: "=")
            guard Self.parameters.contains(String(key)) else { throw .url(Self.unknown(key)) }
            guard let value, !value.isEmpty else { throw .url("the parameter \(key) has no value") }
            try apply(String(key), Self.decoded(value, as: "the parameter \(key)"))
        }
        if let tls, (tls.certificateFile == nil) != (tls.keyFile == nil) {
            throw .url("the parameters certfile and keyfile belong together")
        }
    }

    private static let parameters = [
        "heartbeat", "connection_timeout", "frame_max", "name", "verify", "cacertfile", "certfile", "keyfile",
    ]

    /// Names an unknown parameter if it looks like a name: what follows a bare `?` may be the end of a password.
    private static func unknown(_ key: Substring) -> String {
        let isName =
            (1...40).contains(key.utf8.count)
            && key.utf8.allSatisfy { byte in
                0x61...0x7A ~= byte | 0x20 || 0x30...0x39 ~= byte || byte == UInt8(ascii: "_")
                    || byte == UInt8(ascii: "-")
            }
        return "unknown parameter\(isName ? " \(key)" : ""); there are \(parameters.joined(separator: ", "))"
    }

    /// What nobody means to write: space around it, quotes around it, line ends in it.
    private static func checkText(_ url: String) throws(AMQPError) {
        guard !url.isEmpty else { throw .url("it is empty") }
        guard !url.unicodeScalars.contains(where: { $0.properties.isWhitespace || $0.value < 0x20 }) else {
            throw .url("there is white space in it: a space is written %20, and none stands at the ends")
        }
        if let first = url.first, first == "\"" || first == "'" { throw .url("it stands in quotes: take them off") }
    }

    private mutating func apply(_ key: String, _ value: String) throws(AMQPError) {
        switch key {
        case "heartbeat":
            heartbeat = .seconds(try Self.number(value, in: 1...65_535, as: "the parameter heartbeat (seconds)"))
        case "connection_timeout":
            connectTimeout = .milliseconds(
                try Self.number(value, in: 1...600_000, as: "the parameter connection_timeout (milliseconds)"))
        case "frame_max":
            frameMax = try Self.number(value, in: 4096...16_777_216, as: "the parameter frame_max (bytes)")
        case "name": name = value
        case "verify", "cacertfile", "certfile", "keyfile":
            guard var tls else { throw .url("the parameter \(key) needs the scheme amqps") }
            switch (key, value) {
            case ("verify", "verify_peer"): tls.verifiesPeer = true
            case ("verify", "verify_none"): tls.verifiesPeer = false
            case ("verify", _): throw .url("the parameter verify is neither verify_peer nor verify_none")
            case ("cacertfile", _): tls.authorityFile = value
            case ("certfile", _): tls.certificateFile = value
            default: tls.keyFile = value
            }
            self.tls = tls
        default: break
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
            guard address.count(where: { $0 == ":" }) < 2 else {
                throw .url("there are several colons in host and port: an IPv6 address stands in brackets")
            }
            (host, port) = address.split(atFirst: ":")
        }
        guard !host.isEmpty else { throw .url("there is no host") }
        guard !host.contains(",") else {
            throw .url("there are several hosts: one is allowed, a load balancer's for example")
        }
        guard let port, !port.isEmpty else { return (try decoded(host, as: "the host"), nil) }
        return (try decoded(host, as: "the host"), UInt16(try number(String(port), in: 1...65_535, as: "the port")))
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
                throw .url("\(part) has a % that begins no percent escape: % itself is written %25")
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        // A zero byte would end the C string early and so name something else.
        guard !bytes.contains(0), let string = String(validating: bytes, as: UTF8.self) else {
            throw .url("\(part) is not UTF-8 text once its percent escapes are undone")
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
