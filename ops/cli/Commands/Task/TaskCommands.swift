import ArgumentParser

/// `mixmyai task ...`.
struct TaskCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "task", abstract: "Hand in tasks and look after them.",
        subcommands: [
            TaskSubmitCommand.self, TaskListCommand.self, TaskGetCommand.self, TaskResultCommand.self,
            TaskReceiptCommand.self, TaskEventsCommand.self, TaskWatchCommand.self, TaskCancelCommand.self,
            TaskRetryCommand.self,
            TaskReviseCommand.self,
        ])
}
