/// Prompts as a worker builds them.
enum Prompts {
    static let task = """
        <task id="task_1"><title>Solar heat &amp; storage</title><description>Analyse the market in three regions. \
        Estimate costs &lt;and&gt; revenue. The plan must stay within a small budget.</description>\
        <context>{"region":"EU"}</context></task>
        """

    static let analysis = """
        <analysis>{"summary":"s","domain":"energy","keywords":["market","costs"],"required_capabilities":["x"],\
        "complexity":"moderate","requirements":[{"id":"R1","text":"Analyse the market"},\
        {"id":"R2","text":"Estimate costs"},{"id":"R3","text":"Stay within budget"}],"constraints":[]}</analysis>
        """

    static let available = """
        <available_specialists><specialist type="financial_analyst" load="3">Works with numbers; capabilities: costs, \
        revenue</specialist><specialist type="poet" load="0">Writes verse; capabilities: rhyme</specialist>\
        <specialist type="market_researcher" load="1">Knows regions; capabilities: market, competitors</specialist>\
        <specialist type="baker" load="0">Bread; capabilities: dough</specialist></available_specialists>
        """

    static let selected = """
        <selected_specialists><specialist type="financial_analyst" focus="costs; revenue">fits; capabilities: costs\
        </specialist><specialist type="market_researcher" focus="market">fits; capabilities: market</specialist>\
        <specialist type="writer" focus="report">fits; capabilities: writing</specialist></selected_specialists>
        """

    static func subtask(_ key: String = "s2", title: String = "Compare costs by region") -> String {
        """
        <subtask key="\(key)" specialist="financial_analyst"><title>\(title)</title><description>Work out the costs. \
        Name the basis.</description><deliverable>A section</deliverable></subtask>
        """
    }

    static let dependency = """
        <dependency subtask="s1" specialist="market_researcher">## Markets\nThe market grows in two of three regions. \
        More.</dependency>
        """

    static func solution(_ subtask: String, version: Int = 1, _ text: String = "Costs fall by a tenth each year.")
        -> String
    {
        """
        <solution subtask="\(subtask)" specialist="financial_analyst" version="\(version)">## Costs\n\(text) The basis \
        is stated.</solution>
        """
    }

    static let aggregation = """
        <aggregation>{"structured_findings":[{"topic":"Costs","key_points":["They fall"],"sources":\
        ["financial_analyst"],"confidence":0.8,"supporting_data":"d"}],"cross_references":[],"identified_gaps":[],\
        "inconsistencies":[]}</aggregation>
        """

    static let missing = "<missing subtask=\"s3\">The provider refused</missing>"

    static func answer(version: Int) -> String {
        "<answer version=\"\(version)\">{\"executive_summary\":\"x\"}</answer>"
    }

    /// A full prompt for each stage.
    static let byStage: [String: String] = [
        "task_analysis": task,
        "specialist_selection": task + analysis + available,
        "task_decomposition": task + analysis + selected,
        "subtask_execution": task + subtask() + dependency,
        "solution_review": task + subtask() + solution("s2"),
        "coordination": task + solution("s1") + solution("s2") + missing,
        "synthesis": task + aggregation + missing,
        "final_review": task + answer(version: 1),
        "revision_scoping": task
            + "<revision_request>Please redo the pricing<area>pricing</area></revision_request>"
            + subtask("s1", title: "Examine pricing") + subtask("s2", title: "Assess rivals") + answer(version: 1),
    ]

    static func responses(stage: String, prompt: String, stream: Bool = false) -> [String: Any] {
        [
            "model": "gpt-6-luna", "instructions": "You work.", "input": prompt, "stream": stream, "store": false,
            "text": ["format": ["type": "json_schema", "name": stage, "schema": ["type": "object"], "strict": true]],
        ]
    }

    static func chat(stage: String, prompt: String, stream: Bool = false) -> [String: Any] {
        [
            "model": "gpt-6-luna", "stream": stream, "stream_options": ["include_usage": true],
            "messages": [["role": "system", "content": "You work."], ["role": "user", "content": prompt]],
            "response_format": [
                "type": "json_schema", "json_schema": ["name": stage, "schema": ["type": "object"], "strict": true],
            ],
        ]
    }

    static func messages(stage: String, prompt: String, stream: Bool = false) -> [String: Any] {
        [
            "model": "claude-haiku-5-5", "max_tokens": 8000, "system": "You work.", "stream": stream,
            "messages": [["role": "user", "content": [["type": "text", "text": prompt]]]],
            "output_config": ["format": ["type": "json_schema", "schema": ["type": "object", "title": stage]]],
        ]
    }
}
