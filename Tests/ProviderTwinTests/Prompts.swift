import Foundation

/// Requests as a worker sends them.
enum Prompts {
    static let task = Material.task

    /// A prompt with every section for each stage.
    static let byStage: [String: String] = Material.byStage.mapValues(Material.prompt)

    private static var schema: [String: Any] { ["type": "object", "additionalProperties": false] }

    static func responses(stage: String, prompt: String, stream: Bool = false) -> [String: Any] {
        [
            "model": "gpt-6-luna", "instructions": "You work.", "input": prompt, "stream": stream, "store": false,
            "text": ["format": ["type": "json_schema", "name": stage, "schema": schema, "strict": true]],
        ]
    }

    static func chat(stage: String, prompt: String, stream: Bool = false) -> [String: Any] {
        [
            "model": "gpt-6-luna", "stream": stream, "stream_options": stream ? ["include_usage": true] : NSNull(),
            "messages": [["role": "system", "content": "You work."], ["role": "user", "content": prompt]],
            "response_format": [
                "type": "json_schema", "json_schema": ["name": stage, "schema": schema, "strict": true],
            ],
        ]
    }

    static func messages(stage: String, prompt: String, stream: Bool = false) -> [String: Any] {
        [
            "model": "claude-haiku-5-5", "max_tokens": 8000, "system": "You work.", "stream": stream,
            "messages": [["role": "user", "content": [["type": "text", "text": prompt]]]],
            "output_config": [
                "format": [
                    "type": "json_schema", "schema": ["type": "object", "title": stage, "additionalProperties": false],
                ]
            ],
        ]
    }
}
