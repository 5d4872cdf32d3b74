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
    }

    @Test(arguments: [
        ("", "scheme"), ("http://u:hunter2@h", "scheme"), ("rediss://:hunter2@h", "TLS"),
        ("redis://:hunter2@h:x", "port"), ("redis://:hunter2@h:0", "port"), ("redis://:hunter2@h/x", "database"),
        ("redis://:hunter2@h/-1", "database"), ("redis://:hunter2%zz@h", "percent"), ("redis://u@h", "password"),
        ("redis://:hunter2@h?a=b", "parameters"), ("redis://:hunter2@[::1", "bracket"),
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
