import Testing

@testable import RedisClient

struct RedisErrorTests {
    @Test(arguments: [
        ("NOSCRIPT No matching script", RedisError.Code.server("NOSCRIPT")),
        ("OOM command not allowed", .server("OOM")), ("LOADING Redis is loading", .server("LOADING")),
        ("WRONGPASS invalid username-password pair", .authenticationFailed),
        ("NOAUTH Authentication required.", .authenticationFailed),
        ("ERR invalid password", .authenticationFailed),
        ("ERR AUTH <password> called without any password configured", .authenticationFailed),
        ("ERR unknown command", .server("ERR")), ("READONLY You can't write", .server("READONLY")),
    ])
    func prefixDecidesTheCode(reply: String, code: RedisError.Code) {
        let error = RedisError(reply: reply)
        #expect(error.code == code)
        #expect(!error.mayHaveRun)
    }

    @Test func argumentsStayOutOfTheMessage() {
        let error = RedisError(reply: "ERR unknown command 'GIT', with args beginning with: 'hunter2'")
        #expect(!error.description.contains("hunter2"))
    }
}
