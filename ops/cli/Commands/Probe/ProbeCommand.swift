import ArgumentParser
import FleetCore
import HTTPTransport
import JSON

/// `mixmyai probe`: health checks of containers and units, where there is no curl.
struct ProbeCommand: AsyncParsableCommand {
    /// What can be asked.
    enum Question: String, CaseIterable, ExpressibleByArgument {
        /// Whether the process can answer.
        case livez
        /// Whether it should be given work.
        case readyz
    }

    static let configuration = CommandConfiguration(
        commandName: "probe", abstract: "Ask a process of the fleet on this machine whether it lives, or is ready.",
        discussion: """
            Exit status 0 if it does, else 1; the answer goes to standard output. The port is that of the process's
            probes, MIXMYAI_PROBE_PORT unless it is given here; the twin has its probes on its only port.
            """)

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @Option(help: ArgumentHelp("Port of the probes (default: $MIXMYAI_PROBE_PORT).", valueName: "n")) var port: Int?
    @Option(help: ArgumentHelp("Seconds to wait for the answer.", valueName: "n")) var timeout = 3
    @Argument(help: "livez or readyz.") var question: Question

    func validate() throws {
        guard (1...60).contains(timeout) else { throw ValidationError("--timeout is a number from 1 to 60") }
        guard port.map({ (1...65_535).contains($0) }) ?? true else {
            throw ValidationError("--port is a number from 1 to 65535")
        }
    }

    func run() async throws {
        let target = try ProbeTarget(port: port, global.fleet)
        var configuration = HTTPClientConfiguration()
        configuration.connectTimeout = .seconds(timeout)
        let client = try HTTPClient(configuration: configuration)
        let answer = await Answer { try await ask(client, target) }
        await client.shutdown()
        guard let (status, text) = answer.value else {
            throw CommandError(.failed, "\(target) does not answer: \(answer.problem ?? "")")
        }
        global.console.emit(["status": .integer(status), "answer": .string(text)]) { text }
        guard status == 200 else { throw CommandExit.failed.code }
    }

    private func ask(_ client: HTTPClient, _ target: ProbeTarget) async throws -> (status: Int, text: String) {
        let request = HTTPRequest(method: .get, url: "http://\(target)/\(question.rawValue)")
        let response = try await client.execute(request, timeout: .seconds(timeout))
        let body = try await response.body.collect(upTo: 64 << 10)
        let text = PlainText.block(String(decoding: body, as: UTF8.self))
        return (response.status, text.hasSuffix("\n") ? String(text.dropLast()) : text)
    }
}
