/// The parameters that each API takes, as its official Python SDK types them (openai 3.57, anthropic 2.14).
enum RequestRules {
    static func rule(for endpoint: Endpoint) -> FieldRule {
        switch endpoint {
        case .responses: responses
        case .chatCompletions: chat
        case .messages: messages
        }
    }

    private static let tokens = 1...1_000_000_000
    private static let efforts = ["none", "minimal", "low", "medium", "high", "xhigh", "max"]
    private static let amounts = ["low", "medium", "high"]
    private static let openAITiers = ["auto", "default", "flex", "scale", "priority", "fast"]
    private static let cacheOptions = FieldRule.members([
        "mode": .choice(["implicit", "explicit"]), "ttl": .choice(["30m", "12h"]), "prewarm": .boolean,
        "comparison_response_id": .string,
    ])
    private static let breakpoint = FieldRule.object(
        ["mode": .choice(["explicit"]), "ttl": .choice(["30m", "12h"])], required: ["mode"])

    /// What both of OpenAI's APIs take.
    private static let openAI: [String: FieldRule] = [
        "model": .string, "metadata": .dictionary, "moderation": .any, "parallel_tool_calls": .boolean,
        "prompt_cache_key": .string, "prompt_cache_options": cacheOptions,
        "prompt_cache_retention": .choice(["in_memory", "24h"]), "safety_identifier": .string,
        "service_tier": .choice(openAITiers), "store": .boolean, "stream": .boolean, "temperature": .number(0...2),
        "tool_choice": .any, "tools": .list(.dictionary), "top_logprobs": .integer(0...20), "top_p": .number(0...1),
        "user": .string,
    ]

    // MARK: Responses

    private static let responses = FieldRule.object(
        openAI.merging([
            "access_programs": .any, "background": .boolean, "background_options": .dictionary,
            "context_management": .any, "conversation": .any, "image": .any, "include": .list(.string),
            "input": .stringOrList(inputItem), "instructions": .string,
            "max_output_tokens": .integer(16...1_000_000_000),
            "max_tool_calls": .integer(1...1_000_000), "previous_response_id": .string, "prompt": .dictionary,
            "reasoning": .members([
                "effort": .choice(efforts), "summary": .choice(["auto", "concise", "detailed"]),
                "generate_summary": .choice(["auto", "concise", "detailed"]),
                "context": .choice(["auto", "current_turn", "all_turns"]), "mode": .string,
            ]),
            "stream_options": .members(["include_obfuscation": .boolean]),
            "text": .members(["format": textFormat, "verbosity": .choice(amounts)]),
            "truncation": .choice(["auto", "disabled"]),
        ]) { $1 }, required: ["model", "input"])

    /// Messages are looked at closely, what belongs to tools is not.
    private static let inputItem: FieldRule = {
        let message = FieldRule.object(
            [
                "type": .string, "id": .string, "status": .choice(["in_progress", "completed", "incomplete"]),
                "role": .choice(["user", "assistant", "system", "developer"]), "content": .stringOrList(inputPart),
                "phase": .choice(["commentary", "final_answer"]),
            ], required: ["role", "content"])
        var rules: [String?: FieldRule] = [nil: message, "message": message]
        for type in [
            "additional_tools", "apply_patch_call", "apply_patch_call_output", "code_interpreter_call", "compaction",
            "compaction_trigger", "computer_call", "computer_call_output", "custom_tool_call",
            "custom_tool_call_output", "file_search_call", "function_call", "function_call_output",
            "image_generation_call", "item_reference", "local_shell_call", "local_shell_call_output",
            "mcp_approval_request", "mcp_approval_response", "mcp_call", "mcp_list_tools", "program", "program_output",
            "reasoning", "shell_call", "shell_call_output", "tool_search_call", "tool_search_output",
            "web_search_call",
        ] { rules[type] = .any }
        return .tagged(rules)
    }()

    private static let inputPart = FieldRule.tagged([
        "input_text": .object(
            ["type": .string, "text": .string, "prompt_cache_breakpoint": breakpoint], required: ["text"]),
        "output_text": .object(
            ["type": .string, "text": .string, "annotations": .list(.any), "logprobs": .list(.any)], required: ["text"]),
        "refusal": .object(["type": .string, "refusal": .string], required: ["refusal"]),
        "input_image": .any, "input_file": .any, "input_audio": .any,
    ])

    private static let schemaMembers: [String: FieldRule] = [
        "name": .string, "schema": .dictionary, "strict": .boolean, "description": .string,
    ]

    private static let textFormat = FieldRule.tagged([
        "text": .members(["type": .string]), "json_object": .members(["type": .string]),
        "json_schema": .object(
            schemaMembers.merging(["type": .string]) { $1 }, required: ["name", "schema"]),
    ])

    // MARK: Chat Completions

    private static let chat = FieldRule.object(
        openAI.merging([
            "audio": .dictionary, "frequency_penalty": .number(-2...2), "function_call": .any, "functions": .list(.any),
            "logit_bias": .dictionary, "logprobs": .boolean, "max_completion_tokens": .integer(tokens),
            "max_tokens": .integer(tokens), "messages": .list(chatMessage), "modalities": .list(.string),
            "n": .integer(1...128), "prediction": .dictionary, "presence_penalty": .number(-2...2),
            "reasoning_effort": .choice(efforts), "response_format": responseFormat, "seed": .integer(.min ... .max),
            "stop": .stringOrList(.string),
            "stream_options": .members(["include_usage": .boolean, "include_obfuscation": .boolean]),
            "verbosity": .choice(amounts), "web_search_options": .dictionary,
        ]) { $1 }, required: ["model", "messages"])

    private static let chatMessage = FieldRule.object(
        [
            "role": .choice(["system", "developer", "user", "assistant", "tool", "function"]),
            "content": .stringOrList(chatPart), "name": .string, "refusal": .string, "audio": .dictionary,
            "tool_calls": .list(.any), "tool_call_id": .string, "function_call": .any,
        ], required: ["role"])

    private static let chatPart = FieldRule.tagged([
        "text": .object(
            ["type": .string, "text": .string, "prompt_cache_breakpoint": breakpoint], required: ["text"]),
        "refusal": .object(["type": .string, "refusal": .string], required: ["refusal"]),
        "image_url": .any, "input_audio": .any, "file": .any,
    ])

    private static let responseFormat = FieldRule.tagged([
        "text": .members(["type": .string]), "json_object": .members(["type": .string]),
        "json_schema": .object(
            ["type": .string, "json_schema": .object(schemaMembers, required: ["name"])], required: ["json_schema"]),
    ])

    // MARK: Messages

    private static let cacheControl = FieldRule.object(
        ["type": .choice(["ephemeral"]), "ttl": .choice(["5m", "1h"])], required: ["type"])

    private static let messages = FieldRule.object(
        [
            "model": .string, "max_tokens": .integer(tokens), "messages": .list(message), "cache_control": cacheControl,
            "container": .any, "diagnostics": .any, "inference_geo": .string,
            "metadata": .members(["user_id": .string]),
            "output_config": .members([
                "effort": .choice(["low", "medium", "high", "xhigh", "max"]),
                "format": .object(
                    ["type": .choice(["json_schema"]), "schema": .dictionary], required: ["type", "schema"]),
            ]),
            "service_tier": .choice(["auto", "standard_only"]), "speed": .choice(["standard", "fast"]),
            "stop_sequences": .list(.string), "stream": .boolean, "system": .stringOrList(systemBlock),
            "temperature": .number(0...1),
            "thinking": .tagged([
                "enabled": .object(
                    ["type": .string, "budget_tokens": .integer(1024...1_000_000_000), "display": .string],
                    required: ["budget_tokens"]),
                "disabled": .members(["type": .string]),
                "adaptive": .members(["type": .string, "display": .string]), "between_tools": .any,
            ]),
            "tool_choice": .tagged([
                "auto": .any, "any": .any, "none": .any,
                "tool": .object(
                    ["type": .string, "name": .string, "disable_parallel_tool_use": .boolean], required: ["name"]),
            ]),
            "tools": .list(.dictionary), "top_k": .integer(0...1_000_000), "top_p": .number(0...1),
            "user_profile_id": .string, "workspace_id": .string,
        ], required: ["model", "max_tokens", "messages"])

    private static let textBlock = FieldRule.object(
        ["type": .string, "text": .string, "cache_control": cacheControl, "citations": .any], required: ["text"])
    private static let systemBlock = FieldRule.tagged(["text": textBlock])

    private static let message = FieldRule.object(
        ["role": .choice(["user", "assistant", "system"]), "content": .stringOrList(block)],
        required: ["role", "content"])

    private static let block: FieldRule = {
        var rules: [String?: FieldRule] = ["text": textBlock]
        for type in [
            "bash_code_execution_tool_result", "code_execution_tool_result", "container_upload", "document", "image",
            "redacted_thinking", "search_result", "server_tool_use", "text_editor_code_execution_tool_result",
            "thinking", "tool_result", "tool_search_tool_result", "tool_use", "web_fetch_tool_result",
            "web_search_tool_result",
        ] { rules[type] = .any }
        return .tagged(rules)
    }()
}
