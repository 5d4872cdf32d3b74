import ArgumentParser
import Foundation
import ScalingSimulation

/// Replays loads through the autoscaling policy in virtual time, beside the clairvoyant optimum and KEDA's formula.
@main
struct AutoscaleSimulator: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "autoscale-simulator",
        abstract: "Replays loads through the autoscaling policy in virtual time.",
        discussion: "Prints a table and writes a picture (SVG) for each load into the folder.")

    @Argument(help: "Recorded loads: CSV files with second,steps[,blocked]. Without any, the four synthetic loads.")
    var recordings: [String] = []
    @Option(help: ArgumentHelp("Where the pictures go.", valueName: "folder")) var plots = "."
    @Option(help: "Worker-seconds that a second of lateness costs.") var weight = ScalingCosts().weight
    @Option(help: "Seconds that work may wait before it is late.") var objective = ScalingCosts().objective
    @Option(help: "Steps that a worker runs at once.") var slots = ScalingCosts().slots
    @Option(help: "Seconds that a step takes.") var service = ScalingCosts().service
    @Option(name: .customLong("min"), help: "The fewest workers.") var minimum = ScalingCosts().minimum
    @Option(name: .customLong("max"), help: "The most workers.") var maximum = ScalingCosts().maximum
    @Option(help: "Of the synthetic loads with random arrivals.") var seed: UInt64 = 1

    func validate() throws {
        guard weight >= 0, objective >= 0, slots > 0, service > 0, minimum >= 1, maximum >= minimum, maximum <= 250
        else {
            throw ValidationError("numbers must be positive, and --min no more than --max, at most 250")
        }
    }

    func run() throws {
        var costs = ScalingCosts()
        (costs.weight, costs.objective, costs.slots, costs.service) = (weight, objective, slots, service)
        (costs.minimum, costs.maximum) = (minimum, maximum)
        let comparisons = try loads(costs).compactMap { ScalingComparison($0, costs) }
        try FileManager.default.createDirectory(atPath: plots, withIntermediateDirectories: true)
        for comparison in comparisons {
            let path = "\(plots)/autoscale-\(comparison.load.name).svg"
            try ScalingPlot(comparison).svg.write(toFile: path, atomically: true, encoding: .utf8)
        }
        print(ScalingComparison.table(comparisons), terminator: "")
        print(
            "\nCosts in worker-seconds, \(weight) for each second in which the oldest admissible step has waited more than "
                + "\(objective) s; \(slots) steps of \(service) s at once per worker, \(minimum) to \(maximum) workers. "
                + "Pictures: \(plots)/autoscale-*.svg")
    }

    private func loads(_ costs: ScalingCosts) throws -> [ScalingLoad] {
        guard recordings.isEmpty else {
            return try recordings.map { path in
                guard let data = FileManager.default.contents(atPath: path) else {
                    throw ValidationError("\(path) cannot be read")
                }
                let name = path.split(separator: "/").last?.split(separator: ".").first.map(String.init) ?? "recorded"
                do {
                    return try ScalingLoad(name: name, csv: String(decoding: data, as: UTF8.self))
                } catch {
                    throw ValidationError("\(path): \(error)")
                }
            }
        }
        return [.step(costs), .squareWave(costs), .day(costs, seed: seed), .providerOutage(costs, seed: seed)]
    }
}
