import Dispatch
import FleetMetrics
import Glibc
import Testing

@testable import Telemetry

@Suite(.timeLimit(.minutes(1)))
struct MetricsRegistryTests {
    @Test func countsAreExactUnderEightThreads() {
        let registry = MetricsRegistry()
        let counter = registry.counter("c_total", help: "h", labels: ["thread"])
        let shared = counter.with("shared")
        let money = registry.counter("usd_total", help: "h")
        let gauge = registry.gauge("g", help: "h")
        let histogram = registry.histogram("s_seconds", help: "h", buckets: .init([1, 2]))
        let rounds = 20_000
        DispatchQueue.concurrentPerform(iterations: 8) { thread in
            let distribution = registry.histogram("s_seconds", help: "h", buckets: .init([1, 2]))
            for round in 0..<rounds {
                shared.increment()
                counter.increment("t\(thread % 4)")
                money.add(0.25)
                gauge.increment()
                if round % 2 == 0 { gauge.decrement() }
                distribution.observe(Double(round % 4))
                if round % 5000 == 0 { _ = registry.render() }
            }
        }
        #expect(shared.value == Double(8 * rounds))
        for thread in 0..<4 { #expect(counter.with("t\(thread)").value == Double(2 * rounds)) }
        #expect(money.with().value == Double(8 * rounds) / 4)
        #expect(gauge.with().value == Double(4 * rounds))
        #expect(histogram.with().count == 8 * rounds)
        #expect(histogram.with().sum == Double(8 * rounds) * 1.5)
        #expect(histogram.with().cumulativeCounts == [4 * rounds, 6 * rounds, 8 * rounds])
        #expect(registry.problems.isEmpty)
    }

    @Test func labelSetsBeyondTheLimitAreCountedAsOther() {
        let registry = MetricsRegistry(maximumSeries: 3)
        let counter = registry.counter("c_total", help: "h", labels: ["a", "b"])
        for number in 0..<10 { counter.increment("\(number)", "x") }
        counter.increment("1", "x")
        #expect(
            registry.render().hasSuffix(
                """
                c_total{a="0",b="x"} 1
                c_total{a="1",b="x"} 2
                c_total{a="2",b="x"} 1
                c_total{a="other",b="other"} 7

                """))
        #expect(registry.problems.map(\.code) == [.labelOverflow])
    }

    @Test func overflowNeverMakesASeriesTwice() {
        let registry = MetricsRegistry(maximumSeries: 2)
        let counter = registry.counter("c_total", help: "h", labels: ["a"])
        for value in ["other", "x", "y", "z", "other"] { counter.increment(value) }
        #expect(registry.render().hasSuffix("c_total{a=\"other\"} 4\nc_total{a=\"x\"} 1\n"))
    }

    @Test func wrongNumberOfLabelsIsCountedAndReported() {
        let registry = MetricsRegistry()
        let counter = registry.counter("c_total", help: "h", labels: ["a", "b"])
        counter.increment("x")
        counter.increment("x", "y", "z")
        registry.counter("plain_total", help: "h").increment("surplus")
        let text = registry.render()
        #expect(text.contains("c_total{a=\"x\",b=\"\"} 1\nc_total{a=\"x\",b=\"y\"} 1\n"))
        #expect(text.contains("plain_total 1\n"))
        #expect(registry.problems.allSatisfy { $0.code == .labelCount })
        #expect(registry.problems.count == 3)
    }

    @Test func sameDefinitionIsTheSameMetric() {
        let registry = MetricsRegistry()
        registry.counter("c_total", help: "h").increment()
        registry.counter("c_total", help: "another text").increment()
        #expect(registry.counter("c_total", help: "h").with().value == 2)
        #expect(registry.problems.isEmpty)
    }

    @Test func contradictionsAreReportedAndNotShown() {
        let registry = MetricsRegistry()
        registry.counter("c_total", help: "h").increment()
        registry.counter("c_total", help: "h", labels: ["a"]).increment("x")
        registry.gauge("c_total", help: "h").set(5)
        _ = registry.histogram("d_seconds", help: "h")
        registry.gauge("d_seconds_count", help: "h").set(1)
        registry.collect(.counter("c_total", help: "h")) { [MetricSample(9)] }
        _ = registry.gauge("e_sum", help: "h")
        registry.histogram("e", help: "h").observe(1)
        let text = registry.render()
        #expect(text.contains("\nc_total 1\n"))
        #expect(!text.contains("x") && !text.contains("9") && !text.contains("e_bucket"))
        #expect(text.components(of: "d_seconds_count") == 1)
        #expect(registry.problems.allSatisfy { $0.code == .conflictingMetric })
        // Both contradicting counters say the same.
        #expect(registry.problems.count == 4)
    }

    @Test func wrongDefinitionsAreReportedAndNotShown() {
        let registry = MetricsRegistry()
        registry.counter("no_suffix", help: "h").increment()
        registry.gauge("1digit", help: "h").set(1)
        registry.gauge("space here", help: "h").set(1)
        registry.gauge("", help: "h").set(1)
        registry.gauge("g", help: "h", labels: ["a-b"]).set(1, "x")
        registry.gauge("g", help: "h", labels: ["__a"]).set(1, "x")
        registry.gauge("g", help: "h", labels: ["a", "a"]).set(1, "x", "y")
        registry.histogram("h1", help: "h", labels: ["le"]).observe(1, "x")
        registry.histogram("h2", help: "h", buckets: .init([2, 1])).observe(1)
        registry.histogram("h3", help: "h", buckets: .init([1, .infinity])).observe(1)
        registry.collect(.histogram("h4", help: "h")) { [] }
        #expect(registry.counter(.gauge("g5", help: "h")).with().value == 0)
        #expect(registry.render().isEmpty)
        #expect(registry.problems.count == 12)
        #expect(registry.problems.allSatisfy { $0.code == .invalidMetric })
    }

    @Test func counterNeverFalls() {
        let registry = MetricsRegistry()
        let series = registry.counter("c_total", help: "h").with()
        series.increment(by: 5)
        series.increment(by: -3)
        series.add(-1)
        series.add(.nan)
        series.add(.infinity)
        series.add(0.5)
        #expect(series.value == 5.5)
    }

    @Test func histogramIgnoresWhatIsNotANumber() {
        let series = MetricsRegistry().histogram("s_seconds", help: "h").with()
        series.observe(.nan)
        series.observe(1)
        #expect(series.count == 1)
        #expect(series.sum == 1)
    }

    @Test func replacedGaugeForgetsWhatIsGone() {
        let registry = MetricsRegistry()
        let gauge = registry.gauge("g", help: "h", labels: ["agent_type"])
        gauge.set(4, "analyst")
        gauge.replaceAll([["manager"]: 2, ["writer"]: 3])
        #expect(registry.render().hasSuffix("gauge\ng{agent_type=\"manager\"} 2\ng{agent_type=\"writer\"} 3\n"))
        gauge.remove("writer")
        #expect(registry.render().hasSuffix("gauge\ng{agent_type=\"manager\"} 2\n"))
    }

    @Test func callbackSamplesAreChecked() {
        let registry = MetricsRegistry(maximumSeries: 2)
        registry.collect(.gauge("g", help: "h", labels: ["a"])) {
            [MetricSample(1, "x"), MetricSample(2, "x"), MetricSample(3), MetricSample(4, "y"), MetricSample(5, "z")]
        }
        #expect(registry.render().hasSuffix("g{a=\"x\"} 1\ng{a=\"y\"} 4\n"))
        #expect(Set(registry.problems.map(\.code)) == [.labelCount, .labelOverflow])
    }

    @Test func callbackMayUseTheRegistry() {
        let registry = MetricsRegistry()
        let gauge = registry.gauge("a", help: "h")
        registry.collect(.gauge("b", help: "h")) {
            [MetricSample(registry.gauge("a", help: "h").with().value)]
        }
        gauge.set(7)
        #expect(registry.render().hasSuffix("b gauge\nb 7\n"))
    }
}

extension String {
    fileprivate func components(of part: String) -> Int {
        ranges(of: part).count
    }
}
