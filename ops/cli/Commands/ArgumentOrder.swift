/// Lets global options stand before the command: `mixmyai -o json task list` means `mixmyai task list -o json`.
enum ArgumentOrder {
    private static let withValue: Set<String> = ["-o", "--output", "--state-dir", "--color"]
    private static let flags: Set<String> = ["--no-input"]

    /// Moves global options that stand before the first two words behind the other arguments, but before a `--`.
    static func globalOptionsLast(_ arguments: [String]) -> [String] {
        var moved: [String] = []
        var words: [String] = []
        var rest = arguments[...]
        while words.count < 2, let argument = rest.first {
            if withValue.contains(argument), rest.count >= 2 {
                moved += rest.prefix(2)
                rest = rest.dropFirst(2)
            } else if flags.contains(argument) || isAttached(argument) {
                moved.append(argument)
                rest = rest.dropFirst()
            } else if argument.hasPrefix("-") {
                break
            } else {
                words.append(argument)
                rest = rest.dropFirst()
            }
        }
        let end = rest.firstIndex(of: "--") ?? rest.endIndex
        return words + rest[..<end] + moved + rest[end...]
    }

    /// Keeps negative numbers from being taken for options: `--rate -1` is `--rate=-1`, and one that stands for itself comes
    /// behind a `--`. So the command says what is allowed, instead of that something is missing.
    static func numbersAttached(_ arguments: [String]) -> [String] {
        let end = arguments.firstIndex(of: "--") ?? arguments.endIndex
        var words: [String] = []
        var numbers: [String] = []
        for argument in arguments[..<end] {
            if argument.wholeMatch(of: /-[0-9]+(\.[0-9]+)?/) == nil {
                words.append(argument)
            } else if let last = words.last, last.hasPrefix("--"), !last.contains("=") {
                words[words.count - 1] = "\(last)=\(argument)"
            } else {
                numbers.append(argument)
            }
        }
        let rest = arguments[end...]
        return words + (numbers.isEmpty ? rest : ["--"] + numbers + rest.dropFirst())
    }

    /// `--color=never`, `-ojson`.
    private static func isAttached(_ argument: String) -> Bool {
        if let name = argument.split(separator: "=", maxSplits: 1).first, name.count < argument.count {
            return withValue.contains(String(name))
        }
        return argument.hasPrefix("-o") && argument.count > 2
    }
}
