import Foundation
import FoundationNetworking
import RepositoryFixtures
import Testing

/// The receiver of ops/tracing, which reads OTLP by the messages' own definitions and judges what it gets.
struct TraceReceiver {
    /// A task whose trace is to be judged, as the rows have it.
    struct Task: Encodable {
        struct Call: Encodable {
            var step: Int
            var attempt: Int
            var number: Int
            var provider: String
            var model: String
            var outcome: String
            var input: Int?
            var output: Int?

            func encode(to encoder: any Encoder) throws {
                var container = encoder.container(keyedBy: CodingKeys.self)
                try container.encode(step, forKey: .step)
                try container.encode(attempt, forKey: .attempt)
                try container.encode(number, forKey: .number)
                try container.encode(provider, forKey: .provider)
                try container.encode(model, forKey: .model)
                try container.encode(outcome, forKey: .outcome)
                // Null says that nothing is known, which the receiver has to be told.
                try container.encode(input, forKey: .input)
                try container.encode(output, forKey: .output)
            }

            enum CodingKeys: CodingKey {
                case step, attempt, number, provider, model, outcome, input, output
            }
        }

        var id: String
        var status: String
        var calls: [Call]
        /// No process was killed that may have had spans of it in hand.
        var isWhole: Bool

        enum CodingKeys: String, CodingKey {
            case id, status, calls
            case isWhole = "is_whole"
        }
    }

    private struct Expectation: Encodable {
        var tasks: [Task]
        var forbidden: [String]
    }

    /// What was received of a span.
    struct Span: Decodable {
        var trace: String
        var id: String
        var parent: String
        var name: String
        var attributes: [String: Value]
        var links: [[String]]
        var service: String

        enum Value: Decodable, Equatable {
            case text(String)
            case number(Double)
            case flag(Bool)
            case list

            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                if let flag = try? container.decode(Bool.self) {
                    self = .flag(flag)
                } else if let number = try? container.decode(Double.self) {
                    self = .number(number)
                } else if let text = try? container.decode(String.self) {
                    self = .text(text)
                } else {
                    self = .list
                }
            }
        }
    }

    private let port: Int

    var url: String { "http://127.0.0.1:\(port)" }

    /// Runs a body beside a receiver.
    static func run(_ body: (TraceReceiver) async throws -> Void) async throws {
        let python = try #require(
            ProcessInfo.processInfo.environment["TEST_TRACE_PYTHON"],
            "ops/test sets it: a Python with ops/tracing's packages")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = ["-m", "tracing"]
        process.environment = [
            "PYTHONPATH": RepositoryFiles.url("ops").path, "PYTHONDONTWRITEBYTECODE": "1",
        ]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        // It ends when its input does.
        defer {
            try? input.fileHandleForWriting.close()
            process.waitUntilExit()
        }
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        let port = try #require(Int(line.filter(\.isNumber)), "the receiver did not start")
        try await body(TraceReceiver(port: port))
    }

    func spans() async throws -> [Span] {
        let url = try #require(URL(string: "\(url)/spans"))
        return try JSONDecoder().decode([Span].self, from: try await URLSession.shared.data(from: url).0)
    }

    /// What is wrong with the traces of these tasks, and with all that came.
    func findings(_ tasks: [Task], forbidden: [String]) async throws -> [String] {
        var request = URLRequest(url: try #require(URL(string: "\(url)/judge")))
        request.httpMethod = "POST"
        request.httpBody = try JSONEncoder().encode(Expectation(tasks: tasks, forbidden: forbidden))
        return try JSONDecoder().decode([String].self, from: try await URLSession.shared.data(for: request).0)
    }
}
