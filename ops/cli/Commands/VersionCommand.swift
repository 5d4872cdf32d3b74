import ArgumentParser
import FleetCore
import JSON

/// `mixmyai version`.
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Print this program's version.")

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run() {
        global.console.emit(["version": .string(FleetVersion.number)]) { "mixmyai \(FleetVersion.number)" }
    }
}
