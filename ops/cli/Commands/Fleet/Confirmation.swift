/// The question before something that cannot be taken back.
struct Confirmation {
    let global: GlobalOptions

    /// - Throws: `usage` if there is nobody to ask and `--no-input` does not say that nobody wants to be asked;
    ///   `interrupted` if the answer is no.
    func ask(_ question: String) throws(CommandError) {
        guard !global.noInput else { return }
        guard StandardStream.isInputTerminal else {
            throw CommandError(.usage, "\(question) Nobody can be asked here: --no-input acts without asking")
        }
        StandardStream.error.write("\(question) [y/N] ")
        let answer = (readLine() ?? "").lowercased()
        guard answer == "y" || answer == "yes" else { throw CommandError(.interrupted, "nothing was done") }
    }
}
