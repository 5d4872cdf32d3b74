import Testing

@testable import RedisClient

struct RedisConfigurationTests {
    @Test func urlIsRead() throws {
        let full = try RedisConfiguration(url: "redis://us%65r:p%40:ss@h:7000/3")
        #expect(full.user == "user")
        #expect(full.password == "p@:ss")
        #expect(full.host == "h")
        #expect(full.port == 7000)
        #expect(full.database == 3)
        let short = try RedisConfiguration(url: "redis://h")
        #expect(short.port == 6379)
        #expect(short.database == 0)
        #expect(short.user == nil && short.password == nil)
        let password = try RedisConfiguration(url: "redis://:secret@[::1]:7000/")
        #expect(password.user == nil)
        #expect(password.password == "secret")
        #expect(password.host == "::1")
        #expect(full.tls == nil && short.tls == nil && password.tls == nil)
    }

    @Test func encryptedURLHasItsCertificates() throws {
        let full = try RedisConfiguration(
            url: "REDISS://:hunter2@h:7000/3?cacertfile=/a/ca%20file.pem&certfile=/c.pem&keyfile=/k.pem"
                + "&verify=verify_none")
        #expect(full.host == "h")
        #expect(full.port == 7000)
        #expect(full.database == 3)
        let tls = try #require(full.tls)
        #expect(tls.authorityFile == "/a/ca file.pem")
        #expect(tls.certificateFile == "/c.pem")
        #expect(tls.keyFile == "/k.pem")
        #expect(!tls.verifiesPeer)
        #expect(full.description == "rediss://h:7000/3")
        let short = try RedisConfiguration(url: "rediss://h?cacertfile=/ca.pem")
        #expect(short.port == 6379)
        #expect(short.database == 0)
        #expect(short.tls?.verifiesPeer == true)
        #expect(try RedisConfiguration(url: "rediss://h").tls == RedisConfiguration(url: "rediss://h/?").tls)
    }

    @Test(arguments: [
        ("", "scheme"), ("http://u:hunter2@h", "scheme"), ("rediss:h", "scheme"),
        ("redis://:hunter2@h:x", "port"), ("redis://:hunter2@h:0", "port"), ("redis://:hunter2@h/x", "database"),
        ("redis://:hunter2@h/-1", "database"), ("redis://:hunter2%zz@h", "percent"), ("redis://u@h", "password"),
        ("redis://:hunter2@h?a=b", "unknown parameter"), ("redis://:hunter2@[::1", "bracket"),
        ("rediss://:hunter2@h?sslmode=hunter2", "unknown parameter"), ("redis://:a?hunter2@h", "percent"),
        ("redis://:a/hunter2@h", "%2F"), ("rediss://:hunter2@h?ssl_cert_reqs=none", "unknown parameter ssl_cert_reqs;"),
        ("redis://:hunter2@h\n", "white space"), ("'redis://:hunter2@h'", "quotes"), ("redis://:hunter2@", "no host"),
        ("redis://:hunter2@::1:6379", "IPv6"), ("redis://:hunter2%@h", "%25"), ("unix:///hunter2", "redis://"),
        ("rediss://h?=hunter2", "unknown parameter"), ("redis://:hunter2@h?verify=verify_none", "rediss"),
        ("rediss://:hunter2@h?verify=hunter2", "verify_peer"), ("rediss://:hunter2@h?cacertfile", "cacertfile"),
        ("rediss://:hunter2@h?cacertfile=a%00b", "cacertfile"), ("rediss://:hunter2@h?keyfile=%4", "percent"),
        ("rediss://:hunter2@h?certfile=/c.pem", "keyfile"), ("rediss://:hunter2@h#x", "percent"),
    ])
    func wrongURLIsExplainedWithoutThePassword(url: String, hint: String) throws {
        let error = try #require(throws: RedisError.self) { try RedisConfiguration(url: url) }
        #expect(error.code == .invalidURL)
        #expect(error.description.contains(hint))
        #expect(!"\(error)\(String(reflecting: error))".contains("hunter2"))
    }

    @Test func printingNeverShowsThePassword() throws {
        let configuration = try RedisConfiguration(url: "redis://u:hunter2@h")
        var dumped = ""
        dump(configuration, to: &dumped)
        #expect(!"\(configuration)\(String(reflecting: configuration))\(dumped)".contains("hunter2"))
    }
}
