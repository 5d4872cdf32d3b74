import Testing

@testable import RedisClient

struct RedisErrorTests {
    @Test(arguments: [
        ("NOSCRIPT No matching script", RedisError.Code.server("NOSCRIPT"), false),
        ("OOM command not allowed", .server("OOM"), true), ("LOADING Redis is loading", .server("LOADING"), true),
        ("WRONGPASS invalid username-password pair", .authenticationFailed, false),
        ("NOAUTH Authentication required.", .authenticationFailed, false),
        ("ERR invalid password", .authenticationFailed, false),
        ("ERR AUTH <password> called without any password configured", .authenticationFailed, false),
        ("ERR unknown command", .server("ERR"), false), ("READONLY You can't write", .server("READONLY"), true),
    ])
    func prefixDecidesTheCode(reply: String, code: RedisError.Code, isRetriable: Bool) {
        let error = RedisError(reply: reply)
        #expect(error.code == code)
        #expect(error.isRetriable == isRetriable)
        #expect(!error.mayHaveRun)
    }

    @Test func argumentsStayOutOfTheMessage() {
        let error = RedisError(reply: "ERR unknown command 'GIT', with args beginning with: 'hunter2'")
        #expect(!error.description.contains("hunter2"))
    }
}
