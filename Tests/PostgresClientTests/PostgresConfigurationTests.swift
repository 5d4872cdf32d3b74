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
        let plain = try PostgresConfiguration(url: "postgres://h/d").connectionParameters
        #expect(plain.contains { $0 == ("tcp_user_timeout", "10000") })
        let given = try PostgresConfiguration(url: "postgres://h/d?tcp_user_timeout=3000").connectionParameters
        #expect(given.contains { $0 == ("tcp_user_timeout", "3000") })
    }
}
