import Logging
import Testing

@testable import Telemetry

@Suite(.timeLimit(.minutes(1)))
struct SecretTests {
    @Test(arguments: [
        "password", "PGPASSWORD", "db.password", "dbPassword", "api_key", "api-key", "apiKey", "OPENAI_API_KEY",
        "x-api-key", "X-Api-Key", "Authorization", "proxy-authorization", "token", "accessToken", "refresh_token",
        "session.token", "token_string", "client_secret", "secretKey", "aws_access_key", "privateKey", "cookie",
        "set-cookie", "credentials", "jwt", "bearer", "webhook_signature", "passphrase", "APIToken", "idToken",
    ])
    func valuesUnderSecretNamesAreMasked(name: String) throws {
        let capture = try LogCapture()
        capture.logger().info("m", metadata: ["\(name)": "hunter2"])
        #expect(try capture.nextObject()[name] as? String == "***")
    }

    @Test(arguments: [
        "tokens", "input_tokens", "max_output_tokens", "tokenizer", "key", "idempotency_key", "routing_key", "author",
        "task_id", "model", "passed", "bypass", "session", "keyboard",
    ])
    func harmlessNamesAreShown(name: String) throws {
        let capture = try LogCapture()
        capture.logger().info("m", metadata: ["\(name)": "value"])
        #expect(try capture.nextObject()[name] as? String == "value")
    }

    @Test func tokenThatIsACountIsShown() throws {
        let capture = try LogCapture()
        capture.logger().info(
            "m",
            metadata: [
                "token": "12", "token_count": .stringConvertible(34), "first_token": "abc1", "reset_token": "",
                "long_token": "1234567890123456",
            ])
        let object = try capture.nextObject()
        #expect(object["token"] as? String == "12")
        #expect(object["token_count"] as? Int == 34)
        #expect(object["first_token"] as? String == "***")
        #expect(object["long_token"] as? String == "***")
    }

    @Test func nestedSecretsAreMasked() throws {
        let capture = try LogCapture()
        capture.logger().info(
            "m",
            metadata: [
                "headers": ["Authorization": "Bearer x", "host": "h"], "credentials": ["user": "u", "key": "k"],
                "api_keys": ["a", "b"], "list": [["password": "p", "secret": ["deep": "d"]]],
                "pin_password": .stringConvertible(1234),
            ])
        let line = try capture.nextWrite()
        let tail =
            #","api_keys":["***","***"],"credentials":"***","headers.Authorization":"***","headers.host":"h","#
            + #""list":[{"password":"***","secret":"***"}],"pin_password":"***"}"# + "\n"
        #expect(line.hasSuffix(tail))
    }

    @Test(arguments: [
        ("amqp://guest:guest@127.0.0.1:5672/%2f", "amqp://***@127.0.0.1:5672/%2f"),
        ("connecting to postgres://u:p@db:5432/x failed", "connecting to postgres://***@db:5432/x failed"),
        ("redis://:secret@r/0, amqps://a@b", "redis://***@r/0, amqps://***@b"),
        ("postgres://u:p/q@db/x", "postgres://***@db/x"), ("postgres://u:p@q@db/x", "postgres://***@db/x"),
        ("http://127.0.0.1:8080/v1", "http://127.0.0.1:8080/v1"), ("https://h/a@b", "https://h/a@b"), ("://", "://"),
        ("host=db user=u password=hunter2 dbname=x", "host=db user=u password=*** dbname=x"),
        (#"password='a \' b' dbname=x"#, "password='***' dbname=x"), ("password='open", "password='***"),
        ("GET /x?api_key=abc&limit=5", "GET /x?api_key=***&limit=5"), ("token=5 token=abc", "token=5 token=***"),
        (#"body {"api_key": "abc", "n":1}"#, #"body {"api_key": "***", "n":1}"#),
        (#"{"password":"a\"b","x":"y"}"#, #"{"password":"***","x":"y"}"#),
        ("Authorization: Bearer abcdefghijklmnop", "Authorization: Bearer ***"),
        ("authorization: basic dXNlcjpwYXNzd29yZA==", "authorization: basic ***"), ("basic check", "basic check"),
        ("key sk-ant-api03-abcdefghijklmn was refused", "key sk-*** was refused"),
        ("task-0123456789abcdef0123", "task-0123456789abcdef0123"), ("sk-short", "sk-short"),
        ("password=", "password="), ("=", "="), ("a = b: c - d", "a = b: c - d"), (#"":"#, #"":"#),
        ("Bearer ", "Bearer "),
    ])
    func secretsInTextsAreMasked(text: String, expected: String) throws {
        #expect(SecretScrubber.scrub(text) == expected)
        let capture = try LogCapture()
        capture.logger().info("\(text)", metadata: ["error": .string(text)])
        let object = try capture.nextObject()
        #expect(object["message"] as? String == expected)
        #expect(object["error"] as? String == expected)
    }

    @Test func scrubbingAnythingEnds() {
        let pieces = ["://", "=", ":", "\"", "'", "\\", "@", " ", "sk-", "Bearer ", "password", "é", "/", "token"]
        for _ in 0..<5000 {
            let text = (0..<Int.random(in: 0...12)).map { _ in pieces.randomElement() ?? "" }.joined()
            let once = SecretScrubber.scrub(text)
            #expect(once.utf8.count <= text.utf8.count + 3 * 12)
        }
    }
}
