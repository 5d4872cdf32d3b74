import Testing

@testable import Providers

/// What models put around their JSON, and what must never be taken for it.
@Suite struct AnswerTextTests {
    @Test(arguments: [
        "<think>Hm.</think>{\"a\":1}", "<think>\nHm {\"draft\":1}\n</think>\n\n{\"a\":1}\n", "Hm.</think>\n{\"a\":1}",
        "<thinking>x</thinking>{\"a\":1}", "[THINK]x[/THINK]{\"a\":1}",
        "<reasoning>x</reasoning>\n```json\n{\"a\":1}\n```",
        "<think>x</think>\n```\n{\"a\":1}\n```\n", "```json\n{\"a\":1}\n```", "``` {\"a\":1} ```", "```JSON\n{\"a\":1}",
        "~~~\n{\"a\":1}\n~~~", "<think>a<think>b</think>{\"draft\":1}</think>{\"a\":1}",
        "<think>```json\n{\"draft\":1}\n```</think>{\"a\":1}", "<think></think>{\"a\":1}",
        "<|channel|>analysis<|message|>{\"draft\":1}<|end|><|start|>assistant<|channel|>final<|message|>{\"a\":1}",
    ])
    func whatIsAroundTheAnswerIsTakenOff(text: String) {
        let answer = AnswerText.unwrapped(text).filter { !$0.isWhitespace }
        #expect(answer == "{\"a\":1}")
    }

    /// JSON as it stands is not touched, and what is no answer stays none: a draft inside the reasoning, a cut answer.
    @Test(arguments: [
        #"{"a":"<think>x</think>{}"}"#, #"{"a":"```json\n{}\n```"}"#, " {\"a\":1}\n", "\"</think>\"",
        "<think>{\"draft\":1}</think>", "<think>{\"draft\":1}", "<think>\n```json\n{\"draft\":1}\n```",
        "<think>\n```json\n{\"draft\":1}\n```\n</think>\n", "<think>a<think>b</think>{\"draft\":1}",
        "<think>x</think>{\"a\":1", "```json\n{\"a\":1\n```", "Here it is: {\"a\":1}",
        "<think>x</think>Here: {\"a\":1}", "",
        "```json\n{\"draft\":1}\n```\nNo, better:\n```json\n{\"a\":1}\n```",
    ])
    func allElseStaysAsItIs(text: String) {
        #expect(AnswerText.unwrapped(text) == text)
    }
}
