import FoundationEssentials

/// Protocol-level checks that a server answers, each on a thread of its own for at most two seconds.
enum ReadinessProbe {
    /// `GET path` answers 200.
    static func http(port: Int, path: String, login: String? = nil) async -> Bool {
        await BlockingCall.run("probe-http") {
            guard let socket = LoopbackSocket(port: port) else { return false }
            var request = "GET \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
            if let login { request += "Authorization: Basic \(Data(login.utf8).base64EncodedString())\r\n" }
            let answer = socket.conversation(Array((request + "\r\n").utf8), limit: 12)
            return answer.starts(with: Array("HTTP/1.".utf8)) && answer.suffix(3) == Array("200".utf8)
        }
    }

    static func tcp(port: Int) async -> Bool {
        await BlockingCall.run("probe-tcp") { LoopbackSocket(port: port) != nil }
    }

    /// The broker answers the AMQP 0-9-1 header with a method frame (`Connection.Start`).
    static func amqp(port: Int) async -> Bool {
        await BlockingCall.run("probe-amqp") {
            guard let socket = LoopbackSocket(port: port) else { return false }
            return socket.conversation(Array("AMQP".utf8) + [0, 0, 9, 1], limit: 1) == [1]
        }
    }

    static func redis(port: Int, password: String) async -> Bool {
        await BlockingCall.run("probe-redis") {
            guard let socket = LoopbackSocket(port: port) else { return false }
            let expected = Array("+OK\r\n+PONG\r\n".utf8)
            return socket.conversation(Array("AUTH \(password)\r\nPING\r\n".utf8), limit: expected.count) == expected
        }
    }
}
