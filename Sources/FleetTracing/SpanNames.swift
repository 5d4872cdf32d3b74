/// The names of everything that spans say: operations, attributes and their words. The one place that has them.
///
/// What begins with `gen_ai.` is as the OpenTelemetry conventions for generative AI have it in version 0.1.0 (spans
/// `gen_ai.client.inference` and `gen_ai.invoke_agent.internal`), what begins with `http.`, `url.` and `error.` as the
/// general ones in version 1.45.0. They are still in development: a later version changes this file and docs/tracing.md.
/// What begins with `mixmyai.` is ours. `docs/tracing.md` says what each one means.
package enum SpanNames {
    // MARK: Operations

    package static let workflow = "invoke_workflow"
    package static let agent = "invoke_agent"
    package static let chat = "chat"
    /// Of the workflow that every task goes through.
    package static let taskWorkflow = "task"

    // MARK: Generative AI

    package static let operation = "gen_ai.operation.name"
    package static let agentName = "gen_ai.agent.name"
    package static let provider = "gen_ai.provider.name"
    package static let requestModel = "gen_ai.request.model"
    package static let requestMaxTokens = "gen_ai.request.max_tokens"
    package static let requestStream = "gen_ai.request.stream"
    package static let outputType = "gen_ai.output.type"
    package static let promptName = "gen_ai.prompt.name"
    package static let promptVersion = "gen_ai.prompt.version"
    package static let responseModel = "gen_ai.response.model"
    package static let finishReasons = "gen_ai.response.finish_reasons"
    /// All tokens of the prompt: those read from a cache and written to it are among them.
    package static let inputTokens = "gen_ai.usage.input_tokens"
    package static let outputTokens = "gen_ai.usage.output_tokens"
    package static let cacheReadTokens = "gen_ai.usage.cache_read.input_tokens"
    package static let cacheWriteTokens = "gen_ai.usage.cache_write.input_tokens"
    package static let reasoningTokens = "gen_ai.usage.reasoning.output_tokens"

    // MARK: General

    package static let errorType = "error.type"
    package static let method = "http.request.method"
    package static let route = "http.route"
    package static let httpStatus = "http.response.status_code"
    package static let path = "url.path"
    package static let scheme = "url.scheme"

    // MARK: Ours

    package static let task = "mixmyai.task.id"
    package static let taskStatus = "mixmyai.task.status"
    package static let taskPriority = "mixmyai.task.priority"
    package static let subtask = "mixmyai.subtask.id"
    package static let step = "mixmyai.step.id"
    package static let stepKind = "mixmyai.step.kind"
    package static let attempt = "mixmyai.step.attempt"
    package static let stepOutcome = "mixmyai.step.outcome"
    /// Seconds from the moment that the step could run to its claim.
    package static let queueWait = "mixmyai.step.queue_wait"
    package static let takenOver = "mixmyai.step.taken_over"
    /// Whether another attempt had taken over meanwhile, so that the outcome did not count.
    package static let stale = "mixmyai.step.stale"
    package static let callNumber = "mixmyai.call.number"
    package static let callOutcome = "mixmyai.call.outcome"
    package static let callPurpose = "mixmyai.call.purpose"
    /// The model's name in the catalogue.
    package static let catalogueModel = "mixmyai.call.model"
    /// Seconds that the call waited for capacity under its limits before it went out.
    package static let capacityWait = "mixmyai.call.capacity_wait"
    /// Proved, in US dollars; what is not proved is not said.
    package static let cost = "mixmyai.call.cost_usd"
    package static let requestID = "mixmyai.request.id"
    /// Handed in before: nothing was added.
    package static let replayed = "mixmyai.request.replayed"
}
