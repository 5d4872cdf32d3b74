extension RedisConfiguration {
    /// Reads `redis://[user][:password@]host[:port][/database]`, or the same with `rediss` for TLS.
    ///
    /// User and password are percent-encoded. Parameters, for rediss only: `verify` (`verify_peer` or `verify_none`),
    /// `cacertfile`, `certfile`, `keyfile`. An unknown parameter is an error.
    ///
    /// - Throws: `.invalidURL`; the message never holds the password.
    package init(url: String) throws(RedisError) {
        try Self.checkText(url)
        guard let separator = url.firstRange(of: "://") else {
            throw Self.invalid("the scheme has to be redis:// or rediss://")
        }
        let isEncrypted: Bool
        switch url[..<separator.lowerBound].lowercased() {
        case "redis": isEncrypted = false
        case "rediss": isEncrypted = true
        default: throw Self.invalid("the scheme has to be redis:// or rediss://")
        }
        let rest = url[separator.upperBound...]
        guard !rest.contains("#") else { throw Self.invalid("a # has to be percent-encoded") }
        let question = rest.firstIndex(of: "?") ?? rest.endIndex
        let slashOrEnd = rest.firstIndex(of: "/") ?? rest.endIndex
        let hasCredentials = rest[..<min(question, slashOrEnd)].contains("@")
        guard hasCredentials || !rest[question...].contains("@") else {
            throw Self.invalid(
                "there is an @ after the host's place: in user and password ? has to be percent-encoded: %3F")
        }
        let location = rest[..<question]
        let slash = location.firstIndex(of: "/") ?? location.endIndex
        let authority = location[..<slash]
        let path = location[slash...].dropFirst()
        guard hasCredentials || !path.contains("@") else {
            throw Self.invalid(
                "there is an @ after the host's place: in user and password / has to be percent-encoded: %2F")
        }

        if let at = authority.lastIndex(of: "@") {
            let parts = authority[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            user = try Self.decoded(parts[0], "the user")
            password = parts.count > 1 ? try Self.decoded(parts[1], "the password") : nil
            let address = authority[authority.index(after: at)...]
            guard !address.isEmpty else { throw Self.invalid("there is no host after the @") }
            (host, port) = try Self.hostAndPort(address)
        } else {
            user = nil
            password = nil
            (host, port) = try Self.hostAndPort(authority)
        }
        if user != nil, password == nil { throw Self.invalid("a user needs a password") }
        guard let number = path.isEmpty ? 0 : Int(path), number >= 0 else {
            throw Self.invalid("the path has to be a database number, such as /0")
        }
        database = number
        let parameters = rest[question...].dropFirst()
        tls = try Self.certificates(parameters, isEncrypted: isEncrypted)
    }

    /// The parameters of rediss; nil for redis, which has none.
    private static func certificates(_ parameters: Substring, isEncrypted: Bool) throws(RedisError) -> TLS? {
        var tls = TLS()
        for parameter in parameters.split(separator: "&") {
            let parts = parameter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let key = ["verify", "cacertfile", "certfile", "keyfile"].first(where: { $0 == parts[0] }) else {
                throw invalid(
                    "unknown parameter\(named(parts[0])); there are verify, cacertfile, certfile and keyfile, for rediss://"
                )
            }
            guard isEncrypted else { throw invalid("the parameter \(key) needs rediss://") }
            let value = parts.count > 1 ? try decoded(parts[1], "the parameter \(key)") : nil
            // A zero byte would end the C string early and so name another file.
            guard let value, !value.utf8.contains(0) else { throw invalid("the parameter \(key) has no proper value") }
            switch (key, value) {
            case ("verify", "verify_peer"): tls.verifiesPeer = true
            case ("verify", "verify_none"): tls.verifiesPeer = false
            case ("verify", _): throw invalid("the parameter verify has to be verify_peer or verify_none")
            case ("cacertfile", _): tls.authorityFile = value
            case ("certfile", _): tls.certificateFile = value
            default: tls.keyFile = value
            }
        }
        guard (tls.certificateFile == nil) == (tls.keyFile == nil) else {
            throw invalid("the parameters certfile and keyfile belong together")
        }
        return isEncrypted ? tls : nil
    }

    /// An unknown parameter if it looks like a name: what follows a bare `?` may be the end of a password.
    private static func named(_ key: Substring) -> String {
        let isName =
            (1...40).contains(key.utf8.count)
            && key.utf8.allSatisfy { byte in
                0x61...0x7A ~= byte | 0x20 || 0x30...0x39 ~= byte || byte == UInt8(ascii: "_")
                    || byte == UInt8(ascii: "-")
            }
        return isName ? " \(key)" : ""
    }

    /// What nobody means to write: space around it, quotes around it, line ends in it.
    private static func checkText(_ url: String) throws(RedisError) {
        guard !url.unicodeScalars.contains(where: { $0.properties.isWhitespace || $0.value < 0x20 }) else {
            throw invalid("there is white space in it: a space has to be percent-encoded, and none stands at the ends")
        }
        if let first = url.first, first == "\"" || first == "'" { throw invalid("it stands in quotes: take them off") }
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
            else { throw invalid("\(what) is not percent-encoded properly: % itself is written %25") }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else {
            throw invalid("\(what) is not percent-encoded properly: % itself is written %25")
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
        } else if text.count(where: { $0 == ":" }) > 1 {
            throw invalid("there are several colons in host and port: an IPv6 address stands in brackets")
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
