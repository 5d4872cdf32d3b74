import JSON

/// OpenAI Responses: one response object, or numbered events from `response.created` to `response.completed`.
///
/// About one reply in four has a reasoning item before the message, as with real models: clients select items by type.
struct ResponsesEncoder {
    let request: TwinRequest
    let answer: ModelAnswer
    let usage: Usage
    private let reasons: Bool
    private let messageID: String
    private let reasoningItem: String

    init(request: TwinRequest, answer: ModelAnswer, usage: Usage) {
        self.request = request
        self.answer = answer
        self.usage = usage
        reasons = answer.ending != .refusal && StableHash.of(request.digest, "reasoning") % 4 == 0
        messageID = request.identifier("msg_")
        reasoningItem = "{\"id\":\"\(request.identifier("rs_"))\",\"type\":\"reasoning\",\"summary\":[]}"
    }

    /// The members of a response object that repeat the request, beginning with a comma.
    static func echo(of fields: RequestFields, maxOutputTokens: Int?, serviceTier: String) -> [UInt8] {
        var json = JSONWriter(reservingCapacity: 1024)
        json.append(
            raw: ",\"background\":false,\"instructions\":null,\"previous_response_id\":null,\"max_output_tokens\":")
        if let maxOutputTokens { json.write(maxOutputTokens) } else { json.writeNull() }
        let hasFormat = fields["text"]?["format"] != nil
        json.echo("text", hasFormat ? fields["text"] : nil, or: "{\"format\":{\"type\":\"text\"}}")
        let hasEffort = fields["reasoning"]?.object != nil
        json.echo("reasoning", hasEffort ? fields["reasoning"] : nil, or: "{\"effort\":null,\"summary\":null}")
        json.echo("metadata", fields["metadata"]?.object == nil ? nil : fields["metadata"], or: "{}")
        json.echo("tools", fields["tools"]?.array == nil ? nil : fields["tools"], or: "[]")
        json.echo("tool_choice", fields["tool_choice"]?.isNull == true ? nil : fields["tool_choice"], or: "\"auto\"")
        json.echo("temperature", fields["temperature"]?.double == nil ? nil : fields["temperature"], or: "1.0")
        json.echo("top_p", fields["top_p"]?.double == nil ? nil : fields["top_p"], or: "1.0")
        json.echo("store", fields["store"]?.bool == nil ? nil : fields["store"], or: "true")
        json.field("service_tier", serviceTier)
        json.append(raw: ",\"parallel_tool_calls\":true,\"truncation\":\"disabled\"")
        return json.bytes
    }

    func encode() -> EncodedReply {
        if request.isStreaming { return stream() }
        var json = JSONWriter(reservingCapacity: answer.text.count * 5 / 4 + request.echo.count + 1200)
        response(&json, isFinal: true)
        return EncodedReply(json)
    }

    private var isRefusal: Bool { answer.ending == .refusal }

    private var status: String { answer.ending == .lengthLimit ? "incomplete" : "completed" }

    private func response(_ json: inout JSONWriter, isFinal: Bool) {
        json.beginObject()
        json.field("id", request.identifier("resp_"))
        json.append(raw: ",\"object\":\"response\"")
        json.field("created_at", request.createdSeconds)
        json.append(raw: ",\"status\":\"")
        json.append(raw: isFinal ? status : "in_progress")
        json.append(raw: "\",\"error\":null,\"incomplete_details\":")
        let isCut = isFinal && answer.ending == .lengthLimit
        json.append(raw: isCut ? "{\"reason\":\"max_output_tokens\"}" : "null")
        json.field("model", request.model)
        json.key("output")
        json.beginArray()
        if isFinal {
            if reasons { json.write(json: reasoningItem) }
            message(&json)
        }
        json.endArray()
        json.append(raw: request.echo)
        json.key("usage")
        if isFinal { usage(&json) } else { json.writeNull() }
        json.endObject()
    }

    private func message(_ json: inout JSONWriter) {
        json.beginObject()
        json.field("id", messageID)
        json.append(raw: ",\"type\":\"message\",\"role\":\"assistant\",\"status\":\"")
        json.append(raw: status)
        json.append(raw: "\",\"content\":[")
        part(&json, answer.text)
        json.append(raw: "]")
        json.endObject()
    }

    private func part(_ json: inout JSONWriter, _ text: [UInt8]) {
        json.beginObject()
        if isRefusal {
            json.append(raw: "\"type\":\"refusal\",\"refusal\":")
            json.write(utf8: text)
        } else {
            json.append(raw: "\"type\":\"output_text\",\"annotations\":[],\"logprobs\":[],\"text\":")
            json.write(utf8: text)
        }
        json.endObject()
    }

    private func usage(_ json: inout JSONWriter) {
        json.beginObject()
        json.field("input_tokens", usage.input)
        json.key("input_tokens_details")
        json.beginObject()
        json.field("cached_tokens", usage.cacheRead)
        json.field("cache_write_tokens", usage.cacheWrite)
        json.endObject()
        json.field("output_tokens", usage.output)
        json.key("output_tokens_details")
        json.beginObject()
        json.field("reasoning_tokens", usage.reasoning)
        json.endObject()
        json.field("total_tokens", usage.input + usage.output)
        json.endObject()
    }

    private func stream() -> EncodedReply {
        let pieces = answer.pieces()
        let size = answer.text.count * 6 + pieces.count * 300 + request.echo.count * 3 + 4000
        var events = EventWriter(capacity: size)
        var cuts: [Int] = []
        events.write("response.created") { response(&$0, isFinal: false, named: "response") }
        events.write("response.in_progress") { response(&$0, isFinal: false, named: "response") }
        if reasons {
            for name: String in ["response.output_item.added", "response.output_item.done"] {
                events.write(name) { json in
                    json.append(raw: ",\"output_index\":0,\"item\":")
                    json.write(json: reasoningItem)
                }
            }
        }
        let index = reasons ? 1 : 0
        events.write("response.output_item.added") { json in
            json.field("output_index", index)
            json.key("item")
            json.beginObject()
            json.field("id", messageID)
            json.append(raw: ",\"type\":\"message\",\"role\":\"assistant\",\"status\":\"in_progress\",\"content\":[]}")
        }
        events.write("response.content_part.added") { json in
            place(&json, index)
            json.key("part")
            part(&json, [])
        }
        for piece in pieces {
            events.write(isRefusal ? "response.refusal.delta" : "response.output_text.delta") { json in
                place(&json, index)
                json.key("delta")
                json.write(utf8: piece)
                if !isRefusal { json.append(raw: ",\"logprobs\":[]") }
            }
            cuts.append(events.count)
        }
        events.write(isRefusal ? "response.refusal.done" : "response.output_text.done") { json in
            place(&json, index)
            json.key(isRefusal ? "refusal" : "text")
            json.write(utf8: answer.text)
            if !isRefusal { json.append(raw: ",\"logprobs\":[]") }
        }
        events.write("response.content_part.done") { json in
            place(&json, index)
            json.key("part")
            part(&json, answer.text)
        }
        events.write("response.output_item.done") { json in
            json.field("output_index", index)
            json.key("item")
            message(&json)
        }
        events.write(answer.ending == .lengthLimit ? "response.incomplete" : "response.completed") {
            response(&$0, isFinal: true, named: "response")
        }
        return EncodedReply(events.json, cuts: cuts)
    }

    private func response(_ json: inout JSONWriter, isFinal: Bool, named name: String) {
        json.key(name)
        response(&json, isFinal: isFinal)
    }

    private func place(_ json: inout JSONWriter, _ outputIndex: Int) {
        json.field("item_id", messageID)
        json.field("output_index", outputIndex)
        json.append(raw: ",\"content_index\":0")
    }
}

/// Writes server-sent events with the type and the running number that Responses events carry.
private struct EventWriter {
    private(set) var json: JSONWriter
    private var sequenceNumber = 0

    init(capacity: Int) {
        json = JSONWriter(reservingCapacity: capacity)
    }

    var count: Int { json.bytes.count }

    mutating func write(_ name: String, members: (inout JSONWriter) -> Void) {
        json.append(raw: "event: ")
        json.append(raw: name)
        json.append(raw: "\ndata: {\"type\":\"")
        json.append(raw: name)
        json.append(raw: "\"")
        json.field("sequence_number", sequenceNumber)
        members(&json)
        json.append(raw: "}\n\n")
        sequenceNumber += 1
    }
}

extension JSONWriter {
    fileprivate mutating func echo(_ name: String, _ value: JSONValue?, or fallback: String) {
        key(name)
        if let value { write(value) } else { write(json: fallback) }
    }
}
