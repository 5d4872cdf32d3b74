import JSON

extension TwinBehaviour {
    /// The settings in force, in the words of `/twin/control`.
    var json: [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.key("latency_ms")
        json.beginArray()
        json.write(latency.shortest)
        json.write(latency.longest)
        json.endArray()
        json.key("rpm")
        if let requestsPerMinute { json.write(requestsPerMinute) } else { json.writeNull() }
        json.key("tpm")
        if let tokensPerMinute { json.write(tokensPerMinute) } else { json.writeNull() }
        json.key("faults")
        json.beginObject()
        for kind in FaultKind.allCases {
            guard let rate = faults.rates[kind] else { continue }
            json.key(kind.rawValue)
            json.write(rate)
        }
        json.endObject()
        json.optional("flagged_text", flaggedText)
        json.field("answers", answers.rawValue)
        json.key("disconnect_billing")
        json.write(billsDisconnects)
        json.field("retry_after_seconds", retryAfterSeconds)
        json.field("timeout_seconds", timeoutSeconds)
        json.field("slow_bytes_pause_ms", slowBytesPauseMilliseconds)
        json.endObject()
        return json.bytes
    }
}
