import Testing

@testable import AMQPClient

@Suite struct AMQPConfigurationTests {
    @Test func everythingInAURLIsRead() throws {
        let configuration = try AMQPConfiguration(
            url: "amqp://us%40er:p%3Ass%2F%C3%A9@broker.example:5673/my%2Fhost?heartbeat=7&name=a%20b&frame_max=8192")
        #expect(configuration.user == "us@er")
        #expect(configuration.password == "p:ss/é")
        #expect(configuration.host == "broker.example")
        #expect(configuration.port == 5673)
        #expect(configuration.virtualHost == "my/host")
        #expect(configuration.heartbeat == .seconds(7))
        #expect(configuration.name == "a b")
        #expect(configuration.frameMax == 8192)
        #expect(configuration.tls == nil)
    }

    @Test(arguments: [
        "amqp://h", "amqp://h/", "AMQP://h:5672/%2F", "amqp://guest:guest@h:/%2f", "amqp://h//",
        "amqp://guest@h:5672//",
        "amqp://h//?heartbeat=10", "amqp://h?heartbeat=10",
    ])
    func defaultsFillTheGaps(url: String) throws {
        let configuration = try AMQPConfiguration(url: url)
        #expect(configuration.host == "h")
        #expect(configuration.port == 5672)
        #expect(configuration.virtualHost == "/")
        #expect(configuration.user == "guest")
        #expect(configuration.password == "guest")
        #expect(configuration.heartbeat == .seconds(10))
    }

    @Test func addressesOfVersion6StandInBrackets() throws {
        let configuration = try AMQPConfiguration(url: "amqp://u:p@[::1]:5999/v")
        #expect(configuration.host == "::1")
        #expect(configuration.port == 5999)
        #expect(configuration.description == "amqp://[::1]:5999/v")
        #expect(try AMQPConfiguration(url: "amqp://[fe80::1]").port == 5672)
    }

    @Test func amqpsHasItsPortAndCertificates() throws {
        let configuration = try AMQPConfiguration(
            url: "amqps://h?verify=verify_none&cacertfile=/a/ca.pem&certfile=/a/c.pem&keyfile=/a/k.pem")
        #expect(configuration.port == 5671)
        #expect(
            configuration.tls
                == .init(
                    authorityFile: "/a/ca.pem", certificateFile: "/a/c.pem", keyFile: "/a/k.pem", verifiesPeer: false))
        #expect(try AMQPConfiguration(url: "amqps://h").tls?.verifiesPeer == true)
    }

    @Test(arguments: [
        "", "amqp:", "http://h", "amqp://", "amqp://:5672", "amqp://u:secret@", "amqp://u:secret@h:0",
        "amqp://u:secret@h:99999", "amqp://u:secret@h:x", "amqp://u:secret@h/a/b", "amqp://u:%zz@h", "amqp://u:%4@h",
        "amqp://u:%00@h", "amqp://u:%ff@h", "amqp://u:secret@[::1", "amqp://u:secret@[::1]x", "amqp://h?heartbeat=0",
        "amqp://h?heartbeat=secret", "amqp://h?hartbeat=5", "amqp://h?verify=verify_none", "amqps://h?verify=maybe",
    ])
    func malformedURLsAreRefusedWithoutRepeatingThem(url: String) {
        let error = #expect(throws: AMQPError.self) { try AMQPConfiguration(url: url) }
        #expect(error?.code == .invalidURL)
        #expect(error?.description.contains("secret") == false)
    }

    @Test(arguments: [
        ("amqp://u:hunter2@h?hartbeat=5", "unknown parameter hartbeat; there are heartbeat, connection_timeout"),
        ("amqp://u:hunter2@h?verify=verify_none", "the parameter verify needs the scheme amqps"),
        ("amqp://u:hunter2@h?heartbeat=0", "the parameter heartbeat (seconds) is not a number from 1 to 65535"),
        ("amqp://u:hunter2@h?connection_timeout=600001", "from 1 to 600000"),
        ("amqp://u:hunter2@h?frame_max=1", "from 4096"),
        ("amqp://u:hunter2@h?heartbeat", "the parameter heartbeat has no value"),
        ("amqps://u:hunter2@h?certfile=/c", "certfile and keyfile belong together"),
        ("amqp://u:pa?hunter2@h", "? %3F"), ("amqp://u:pa/hunter2@h", "/ is written %2F"),
        ("amqp://u:hunter2#x@h", "written %23"),
        ("amqp://u:hunter2%@h", "the password has a % that begins no percent escape"),
        ("amqp://u:hunter2%ff@h", "the password is not UTF-8"), ("amqp://u%zz:hunter2@h", "the user has a %"),
        ("amqp://u:hunter2@h/%4", "the virtual host has a %"), ("amqp://u:hunter2@h/a/b", "more than one slash"),
        ("amqp://u:hunter2@h//a", "more than one slash"), ("amqp://u:hunter2@", "there is no host"),
        ("amqp://u:hunter2@:5672", "there is no host"),
        ("amqp://u:hunter2@h:70000", "the port is not a number from 1 to 65535"),
        ("amqp://u:hunter2@::1:5672", "IPv6 address stands in brackets"), ("amqp://u:hunter2@a,b", "several hosts"),
        ("amqp://u:hunter2@h\n", "white space"), (" amqp://u:hunter2@h", "white space"),
        ("amqp://u:hunter2 @h", "white space"),
        ("'amqp://u:hunter2@h'", "quotes"), ("pyamqp://u:hunter2@h", "neither amqp nor amqps"), ("h:5672", "no scheme"),
        ("", "empty"),
    ])
    func theReasonNamesThePart(url: String, words: String) {
        let error = #expect(throws: AMQPError.self) { try AMQPConfiguration(url: url) }
        #expect(error?.description.contains(words) == true, "\(error.debugDescription)")
        #expect(error?.description.contains("hunter2") == false)
    }

    @Test func descriptionHasNoCredentials() throws {
        let configuration = try AMQPConfiguration(url: "amqp://someone:secret@h:1/v")
        #expect(configuration.description == "amqp://h:1/v")
        #expect("\(configuration)".contains("secret") == false)
    }
}
