import FleetCore

/// What a model is asked: a step's prompt, or the same with a request to repair the answer to it.
struct Question: Sendable {
    var request: ModelRequest
    var prompt: Prompt
    var isRepair = false

    func repaired(by prompt: Prompt) -> Question {
        var question = self
        question.request.blocks = prompt.blocks
        question.prompt = prompt
        question.isRepair = true
        return question
    }
}
