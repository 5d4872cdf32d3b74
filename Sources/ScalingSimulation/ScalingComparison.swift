/// A load as the product, KEDA's formula and the optimum bear it.
package struct ScalingComparison: Sendable {
    package let load: ScalingLoad
    package let costs: ScalingCosts
    package let product: ScalingRun
    package let keda: ScalingRun
    package let optimum: ClairvoyantOptimum

    /// Nil if the bounds of the costs are none.
    package init?(_ load: ScalingLoad, _ costs: ScalingCosts) {
        guard let scaler = ProductScaler(costs) else { return nil }
        self.load = load
        self.costs = costs
        product = ScalingRun(load, costs, scaler)
        keda = ScalingRun(load, costs, KEDAScaler(costs))
        optimum = ClairvoyantOptimum(load, costs)
    }

    /// Of the product's cost to the optimum.
    package var ratio: Double { Double(product.cost) / Double(optimum.cost) }

    /// Of the cost by KEDA's formula to the optimum.
    package var kedaRatio: Double { Double(keda.cost) / Double(optimum.cost) }

    /// A Markdown table of several.
    package static func table(_ comparisons: [ScalingComparison]) -> String {
        var lines = [
            "| load | optimum | product | ratio | late s | turns in / out | most turns in 300 s | KEDA | ratio | late s "
                + "| turns in / out | cut by the product |",
            "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
        ]
        for one in comparisons {
            let (product, keda) = (one.product, one.keda)
            lines.append(
                "| \(one.load.name) | \(one.optimum.cost) | \(product.cost) | \(three(one.ratio)) | \(product.lateSeconds) "
                    + "| \(product.turnsIn.count) / \(product.turnsOut.count) | \(product.mostTurnsInFiveMinutes) "
                    + "| \(keda.cost) | \(three(one.kedaRatio)) | \(keda.lateSeconds) "
                    + "| \(keda.turnsIn.count) / \(keda.turnsOut.count) | \(product.cut) |")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Three digits after the point, rounded up: a ratio never looks better than it is.
    private static func three(_ ratio: Double) -> String {
        let thousandths = Int((ratio * 1000).rounded(.up))
        let digits = String(thousandths % 1000)
        return "\(thousandths / 1000)." + String(repeating: "0", count: 3 - digits.count) + digits
    }
}
