/// A comparison as a picture: what waits, workers, and cost so far, over time.
package struct ScalingPlot {
    private struct Curve {
        var name: String
        var colour: String
        /// One per second.
        var values: [Double]
    }

    private static let (width, left, right) = (960.0, 78.0, 24.0)
    private static let (panel, gap, top) = (190.0, 46.0, 74.0)

    private let comparison: ScalingComparison

    package init(_ comparison: ScalingComparison) { self.comparison = comparison }

    /// The SVG document.
    package var svg: String {
        let panels = [
            ("steps that wait", [product(comparison.product.backlog), keda(comparison.keda.backlog)]),
            ("workers", [keda(comparison.keda.workers), optimum(optimalWorkers), product(comparison.product.workers)]),
            (
                "cost so far, worker-seconds",
                [
                    keda(cost(comparison.keda.workers)), optimum(cost(optimalWorkers)),
                    product(cost(comparison.product.workers)),
                ]
            ),
        ]
        let height = Self.top + Double(panels.count) * (Self.panel + Self.gap) + 10
        var svg = """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(Self.width)) \(Int(height))" \
            font-family="system-ui, sans-serif" font-size="12" fill="#333">
            <rect width="100%" height="100%" fill="#fff"/>
            <text x="\(Int(Self.left))" y="24" font-size="16" font-weight="600">\(Self.escaped(comparison.load.name))</text>\n
            """
        var x = Self.left
        for curve in [product([]), keda([]), optimum([])] {
            svg += "<path d=\"M\(x) 46h22\" stroke=\"\(curve.colour)\" stroke-width=\"2\"/>"
            svg += "<text x=\"\(x + 28)\" y=\"50\">\(curve.name)</text>\n"
            x += 230
        }
        for (index, (title, curves)) in panels.enumerated() {
            svg += draw(title, curves, y: Self.top + Double(index) * (Self.panel + Self.gap))
        }
        return svg + "</svg>\n"
    }

    private func product(_ values: [Int]) -> Curve {
        Curve(name: "product", colour: "#0b6bcb", values: values.map(Double.init))
    }

    private func keda(_ values: [Int]) -> Curve {
        Curve(name: "KEDA, backlog / 10", colour: "#d9822b", values: values.map(Double.init))
    }

    private func optimum(_ values: [Int]) -> Curve {
        Curve(name: "clairvoyant optimum", colour: "#3a8f4d", values: values.map(Double.init))
    }

    private var optimalWorkers: [Int] {
        (0..<comparison.load.seconds).map { comparison.optimum.workers[$0 / ClairvoyantOptimum.interval] }
    }

    /// Without what lateness costs.
    private func cost(_ workers: [Int]) -> [Int] {
        var sum = 0
        return workers.map {
            sum += $0
            return sum
        }
    }

    private func draw(_ title: String, _ curves: [Curve], y: Double) -> String {
        let seconds = Double(max(1, comparison.load.seconds))
        let most = max(1, curves.flatMap(\.values).max() ?? 1)
        let step = Self.tick(most, about: 4)
        let ceiling = (most / step).rounded(.up) * step
        let plotWidth = Self.width - Self.left - Self.right
        func px(_ second: Double) -> Double { Self.left + second / seconds * plotWidth }
        func py(_ value: Double) -> Double { y + Self.panel - value / ceiling * Self.panel }
        var svg = "<text x=\"\(Self.left)\" y=\"\(y - 8)\" font-weight=\"600\">\(title)</text>\n"
        var outage = comparison.load.outage
        outage = outage.clamped(to: 0..<comparison.load.seconds)
        if !outage.isEmpty {
            let (from, to) = (px(Double(outage.lowerBound)), px(Double(outage.upperBound)))
            svg += "<rect x=\"\(Self.two(from))\" y=\"\(y)\" width=\"\(Self.two(to - from))\" height=\"\(Self.panel)\" "
            svg +=
                "fill=\"#f3e3e3\"/><text x=\"\(Self.two(from + 4))\" y=\"\(y + 14)\" fill=\"#955\">no provider</text>\n"
        }
        for value in stride(from: 0, through: ceiling, by: step) {
            svg += "<path d=\"M\(Self.left) \(Self.two(py(value)))H\(Self.width - Self.right)\" stroke=\"#e4e4e4\"/>"
            svg +=
                "<text x=\"\(Self.left - 8)\" y=\"\(Self.two(py(value) + 4))\" text-anchor=\"end\">\(Self.grouped(value))</text>\n"
        }
        let timeStep = Self.timeTick(seconds)
        for second in stride(from: 0, through: seconds, by: timeStep) {
            svg += "<text x=\"\(Self.two(px(second)))\" y=\"\(y + Self.panel + 16)\" text-anchor=\"middle\">"
            svg += "\(Self.time(Int(second)))</text>\n"
        }
        for curve in curves {
            svg += "<path fill=\"none\" stroke=\"\(curve.colour)\" stroke-width=\"1.5\" stroke-linejoin=\"round\" d=\""
            svg += points(curve.values).map { "\(Self.two(px($0.0))) \(Self.two(py($0.1)))" }
                .enumerated().map { ($0.offset == 0 ? "M" : "L") + $0.element }.joined()
            svg += "\"/>\n"
        }
        return svg
    }

    /// As few points as draw the same picture: the least and the greatest value of each pixel's seconds.
    private func points(_ values: [Double]) -> [(Double, Double)] {
        let bucket = max(1, values.count / 800)
        return stride(from: 0, to: values.count, by: bucket).flatMap { start -> [(Double, Double)] in
            let part = values[start..<min(start + bucket, values.count)]
            guard bucket > 1, let low = part.min(), let high = part.max() else {
                return part.enumerated().map { (Double(start + $0.offset), $0.element) }
            }
            return low == high ? [(Double(start), low)] : [(Double(start), low), (Double(start), high)]
        }
    }

    /// 1, 2 or 5 times a power of ten.
    private static func tick(_ most: Double, about count: Double) -> Double {
        var power = 1.0
        while power * 10 <= most / count { power *= 10 }
        return [1, 2, 5, 10].map { $0 * power }.first { most / $0 <= count + 1 } ?? 10 * power
    }

    private static func timeTick(_ seconds: Double) -> Double {
        [300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 86_400].first { seconds / $0 <= 9 } ?? seconds / 8
    }

    private static func time(_ second: Int) -> String {
        let minutes = second / 60 % 60
        return "\(second / 3600):\(minutes < 10 ? "0" : "")\(minutes)"
    }

    private static func grouped(_ value: Double) -> String {
        let digits = Array(String(Int(value)))
        return String(
            digits.enumerated().flatMap { place, digit -> [Character] in
                place > 0 && (digits.count - place) % 3 == 0 ? [",", digit] : [digit]
            })
    }

    private static func two(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }

    private static func escaped(_ text: String) -> String {
        String(text.flatMap { ["<": "&lt;", ">": "&gt;", "&": "&amp;"][$0].map(Array.init) ?? [$0] })
    }
}
