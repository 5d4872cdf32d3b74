extension TwinCounters {
    /// Prometheus text.
    func metrics(billedMicroUSD: Int) -> String {
        var text = "# TYPE twin_requests_total counter\n"
        for (status, count) in byStatus.sorted(by: { $0.key < $1.key }) {
            text += "twin_requests_total{status=\"\(status)\"} \(count)\n"
        }
        text += "# TYPE twin_tokens_total counter\n"
        text += "twin_tokens_total{direction=\"input\"} \(inputTokens)\n"
        text += "twin_tokens_total{direction=\"output\"} \(outputTokens)\n"
        text += "# TYPE twin_billed_micro_usd_total counter\ntwin_billed_micro_usd_total \(billedMicroUSD)\n"
        text += "# TYPE twin_in_flight gauge\ntwin_in_flight \(inFlight)\n"
        return text
    }
}
