import Testing

@testable import PostgresClient

struct PostgresConfigurationTests {
    @Test(arguments: ["postgres://u:p%40ss@h:5433/d?sslmode=require", "postgresql://u:p%40ss@h:5433/d?sslmode=require"])
    func urlIsReadInBothSpellings(url: String) throws {
        let parameters = try PostgresConfiguration(url: url).parameters
        #expect(parameters["user"] == "u")
        #expect(parameters["password"] == "p@ss")
        #expect(parameters["host"] == "h")
        #expect(parameters["port"] == "5433")
        #expect(parameters["dbname"] == "d")
        #expect(parameters["sslmode"] == "require")
    }

    @Test func keywordsAreRead() throws {
        let configuration = try PostgresConfiguration(url: "host=h dbname=d connect_timeout=7 application_name=x")
        #expect(configuration.parameters["host"] == "h")
        #expect(configuration.connectTimeout == .seconds(7))
        #expect(configuration.applicationName == "x")
    }

    @Test(arguments: [
        ("", "empty"), ("mysql://u:hunter2@h/d", "scheme"), ("postgres://u:hunter2@h:abc/d", "port"),
        ("postgres://u:hunter2@h:99999/d", "port"), ("postgres://u:hunter2@h/d?sslmode=maybe", "sslmode"),
        ("postgres://u:hunter2@h/d?nonsense=1", "nonsense"), ("postgres://u:hunter2%zz@h/d", "percent-encoded"),
        ("postgres://u:hunter2@[::1/d", "matching"), ("host=h password='hunter2", "unterminated"),
        ("hunter2", "missing"), ("postgres://u:hunter2@h/d?connect_timeout=x", "connect_timeout"),
        ("postgres://u:hunter2@h/d?connect_timeout=3601", "0 to 3600"),
        ("postgres://u:hunter2@h/d?schema=public", "unknown parameter schema; there are sslmode"),
        ("host=h password=hunter2 nonsense=1", "unknown parameter nonsense; there are sslmode"),
        ("postgres://u:pa?hunter2@h/d", "? %3F"), ("postgres://u:pa?hunter2=1@h/d", "? %3F"),
        ("postgres://u:pa/hunter2@h/d", "/ is written %2F"), ("postgres://u:hunter2#@h/d", "%23"),
        ("postgres://u:hunter2%@h/d", "% itself is written %25"), ("postgres://u:hunter2@h/d\n", "white space"),
        (" postgres://u:hunter2@h/d", "white space"), ("postgres://u:hunt er2@h/d", "%20"),
        ("\"postgres://u:hunter2@h/d\"", "quotes"),
        ("postgresql+asyncpg://u:hunter2@h/d", "postgres:// or postgresql://"),
        ("jdbc:postgresql://h/d?password=hunter2", "postgres:// or postgresql://"),
        ("host=a,b port=1,2,3 password=hunter2", "3 ports for 2 hosts"),
    ])
    func wrongURLIsExplainedWithoutThePassword(url: String, hint: String) throws {
        let error = try #require(throws: PostgresError.self) { try PostgresConfiguration(url: url) }
        #expect(error.code == .invalidURL)
        #expect(error.description.contains(hint))
        #expect(!"\(error)\(String(reflecting: error))".contains("hunter2"))
    }

    @Test func printingNeverShowsThePassword() throws {
        let configuration = try PostgresConfiguration(url: "postgres://u:hunter2@h/d")
        var dumped = ""
        dump(configuration, to: &dumped)
        #expect(!"\(configuration)\(String(reflecting: configuration))\(dumped)".contains("hunter2"))
    }

    @Test func halfOpenLinksAreProbedUnlessTheURLSaysOtherwise() throws {
        let plain = try PostgresConfiguration(url: "postgres://h/d").connectionParameters(for: PostgresTarget())
        #expect(plain.contains { $0 == ("tcp_user_timeout", "10000") })
        let given = try PostgresConfiguration(url: "postgres://h/d?tcp_user_timeout=3000").connectionParameters(
            for: PostgresTarget())
        #expect(given.contains { $0 == ("tcp_user_timeout", "3000") })
    }

    @Test func hostsHaveTheirPortsAndAreAskedForThePrimary() throws {
        let several = try PostgresConfiguration(url: "postgres://a:1,b:2/d")
        #expect(
            several.targets == [PostgresTarget(host: "a", port: "1"), PostgresTarget(host: "b", port: "2")])
        let parameters = several.connectionParameters(for: several.targets[1])
        #expect(parameters.contains { $0 == ("host", "b") } && parameters.contains { $0 == ("port", "2") })
        #expect(parameters.contains { $0 == ("target_session_attrs", "read-write") })
        let chosen = try PostgresConfiguration(url: "postgres://a,b/d?target_session_attrs=any")
        #expect(chosen.connectionParameters(for: chosen.targets[0]).contains { $0 == ("target_session_attrs", "any") })
        let one = try PostgresConfiguration(url: "host=a port=7")
        #expect(one.targets == [PostgresTarget(host: "a", port: "7")])
        #expect(!one.connectionParameters(for: one.targets[0]).contains { $0.keyword == "target_session_attrs" })
        #expect(try PostgresConfiguration(url: "host=a,b port=7").targets.map(\.port) == ["7", "7"])
        #expect(try PostgresConfiguration(url: "dbname=d").targets == [PostgresTarget()])
        #expect(
            try PostgresConfiguration(url: "hostaddr=127.0.0.1,127.0.0.2").targets.map(\.address) == [
                "127.0.0.1", "127.0.0.2",
            ])
    }
}
