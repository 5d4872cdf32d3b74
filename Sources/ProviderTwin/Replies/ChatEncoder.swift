import JSON

/// OpenAI Chat Completions: one object, or chunks and `[DONE]`.
struct ChatEncoder {
    let request: TwinRequest
    let answer: ModelAnswer
    let usage: Usage
    private let head: [UInt8]

    init(request: TwinRequest, answer: ModelAnswer, usage: Usage) {
        self.request = request
        self.answer = answer
        self.usage = usage
        var json = JSONWriter()
        json.beginObject()
        json.field("id", request.identifier("chatcmpl-"))
        json.field("object", request.isStreaming ? "chat.completion.chunk" : "chat.completion")
        json.field("created", request.createdSeconds)
        json.field("model", request.model)
        json.field("service_tier", request.serviceTier)
        json.field("system_fingerprint", "fp_" + String(StableHash.of(request.digest, "fp").hexadecimal.prefix(10)))
        head = json.bytes
    }

    func encode() -> EncodedReply {
        request.isStreaming ? stream() : EncodedReply(whole())
    }

    private var isRefusal: Bool { answer.ending == .refusal }

    private var finishReason: String { answer.ending == .lengthLimit ? "length" : "stop" }

    private func whole() -> JSONWriter {
        var json = JSONWriter(reservingCapacity: answer.text.count * 5 / 4 + 900)
        json.append(raw: head)
        json.append(raw: ",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\"")
        json.key("content")
        if isRefusal { json.writeNull() } else { json.write(utf8: answer.text) }
        json.key("refusal")
        if isRefusal { json.write(utf8: answer.text) } else { json.writeNull() }
        json.append(raw: ",\"annotations\":[]},\"logprobs\":null,\"finish_reason\":\"")
        json.append(raw: finishReason)
        json.append(raw: "\"}]")
        usage(&json)
        json.endObject()
        return json
    }

    private func stream() -> EncodedReply {
        let pieces = answer.pieces()
        var json = JSONWriter(reservingCapacity: answer.text.count * 5 / 4 + (pieces.count + 4) * 300)
        var cuts: [Int] = []
        chunk(&json) { json in
            json.append(raw: "\"role\":\"assistant\",\"content\":")
            json.append(raw: isRefusal ? "null" : "\"\"")
            json.append(raw: ",\"refusal\":null")
        }
        for piece in pieces {
            chunk(&json) { json in
                json.key(isRefusal ? "refusal" : "content")
                json.write(utf8: piece)
            }
            cuts.append(json.bytes.count)
        }
        chunk(&json, finishReason: finishReason) { _ in }
        if request.streamsUsage {
            json.append(raw: "data: ")
            json.append(raw: head)
            json.append(raw: ",\"choices\":[]")
            usage(&json)
            json.append(raw: "}\n\n")
        }
        json.append(raw: "data: [DONE]\n\n")
        return EncodedReply(json, cuts: cuts)
    }

    private func chunk(
        _ json: inout JSONWriter, finishReason: String? = nil, delta: (inout JSONWriter) -> Void
    ) {
        json.append(raw: "data: ")
        json.append(raw: head)
        json.append(raw: ",\"choices\":[{\"index\":0,\"delta\":{")
        delta(&json)
        json.append(raw: "},\"logprobs\":null,\"finish_reason\":")
        if let finishReason {
            json.append(raw: "\"")
            json.append(raw: finishReason)
            json.append(raw: "\"}]")
        } else {
            json.append(raw: "null}]")
        }
        if request.streamsUsage { json.append(raw: ",\"usage\":null") }
        json.append(raw: "}\n\n")
    }

    private func usage(_ json: inout JSONWriter) {
        json.key("usage")
        json.beginObject()
        json.field("prompt_tokens", usage.input)
        json.field("completion_tokens", usage.output)
        json.field("total_tokens", usage.input + usage.output)
        json.key("prompt_tokens_details")
        json.beginObject()
        json.field("cached_tokens", usage.cacheRead)
        json.append(raw: ",\"cache_write_tokens\":0,\"audio_tokens\":0}")
        json.key("completion_tokens_details")
        json.beginObject()
        json.field("reasoning_tokens", usage.reasoning)
        json.append(raw: ",\"audio_tokens\":0,\"accepted_prediction_tokens\":0,\"rejected_prediction_tokens\":0}")
        json.endObject()
    }
}
