import FleetCore
import HTTPTransport
import JSON
import PrivateStack

/// What the processes of a private fleet say of themselves when they are not as they should be.
struct ProcessTroubles: Sendable {
    struct Trouble: Sendable, Equatable {
        let process: String
        let check: String
        let words: String
    }

    let troubles: [Trouble]

    /// Asks each process for its readiness.
    static func ask(_ stack: StackStatus?) async -> ProcessTroubles {
        guard let stack, let client = try? HTTPClient() else { return ProcessTroubles(troubles: []) }
        var troubles: [Trouble] = []
        for process in stack.processes {
            guard let url = process.readinessURL,
                let response = try? await client.execute(HTTPRequest(url: url), timeout: .seconds(2)),
                let body = try? await response.body.collect(upTo: 1 << 16)
            else { continue }
            troubles += parse(String(decoding: body, as: UTF8.self), process: process.name)
        }
        await client.shutdown()
        return ProcessTroubles(troubles: troubles)
    }

    /// Lines that begin with `-` or `!`, as `/readyz` has them.
    static func parse(_ report: String, process: String) -> [Trouble] {
        report.split(whereSeparator: \.isNewline).compactMap { line in
            guard let mark = line.first, mark == "-" || mark == "!" else { return nil }
            let parts = line.dropFirst().split(separator: ": ", maxSplits: 1)
            guard let check = parts.first else { return nil }
            return Trouble(
                process: process, check: PlainText.line(String(check)),
                words: PlainText.line(parts.count > 1 ? String(parts[1]) : "not ready"))
        }
    }

    var json: JSONValue {
        .array(
            troubles.map {
                ["process": .string($0.process), "check": .string($0.check), "problem": .string($0.words)]
            })
    }

    /// What several processes say alike is said once.
    var lines: [String] {
        var processes: [String: [String]] = [:]
        var order: [String] = []
        for trouble in troubles {
            let text = "\(trouble.check): \(Self.timeless(trouble.words))"
            if processes[text] == nil { order.append(text) }
            if processes[text]?.contains(trouble.process) != true {
                processes[text, default: []].append(trouble.process)
            }
        }
        return order.map { "\((processes[$0] ?? []).joined(separator: ", ")): \($0)" }
    }

    /// Without how long and how often, which differs from process to process.
    private static func timeless(_ words: String) -> String {
        words.replacing(/not connected for \d+ s, \d+ attempts/, with: "not connected")
    }
}

extension StackStatus.Process {
    /// Where one of the fleet's own programs says whether it is ready; nil of a server.
    var readinessURL: String? {
        let ours: Set<StackRole> = [.gateway, .scheduler, .worker]
        guard ours.contains(role), let metricsURL, metricsURL.hasSuffix("/metrics") else { return nil }
        return metricsURL.dropLast("/metrics".count) + "/readyz"
    }
}
