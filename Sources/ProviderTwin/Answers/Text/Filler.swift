/// Sentences that stand for a specialist's reasoning: they give an answer its length and its figures, and no decision
/// depends on them.
struct Filler {
    private var dice: Draws
    private var index: Int

    init(_ dice: Draws) {
        self.dice = dice
        index = self.dice.pick(Self.patterns.count)
    }

    /// `#` is the subject, `~` a percentage, `@` a number of months.
    private static let patterns = [
        "For # the evidence points in one direction: an effect of about ~ % within @ months, with the caveats below.",
        "The figures on # are plausible in order of magnitude; the exact values depend on the period that is chosen.",
        "Three options for # were compared by effect, effort and risk, and the middle one carries the best balance.",
        "The main driver of # outweighs all others, so the later steps should concentrate on it for @ months.",
        "Where sources on # disagree, the more recent and more specific one was preferred, which moves it by ~ %.",
        "A sensitivity check of # shows that the conclusion holds unless the leading assumption is off by ~ %.",
        "The most common mistake with # is to read a short-term effect of @ months as a trend.",
        "A small pilot for # with a clear stopping rule after @ months is cheaper than a plan that has to be undone.",
        "Broken down by cause, ~ % of the change in # comes from volume and the rest from price and mix.",
        "The basis of # is counted, not estimated, for ~ % of the cases; the remainder is extrapolated with care.",
        "If # develops as in comparable cases, the first result is visible after @ months and stable after twice that.",
        "Against this stands the cost of #: about ~ % of the budget, most of it in the first @ months.",
    ]

    /// One sentence about the subject.
    mutating func sentence(on subject: String) -> String {
        let pattern = Self.patterns[index % Self.patterns.count]
        index += 1
        // Byte by byte: going through characters would cost more than everything else together.
        var text: [UInt8] = []
        text.reserveCapacity(pattern.utf8.count + subject.utf8.count + 8)
        for byte in pattern.utf8 {
            switch byte {
            case UInt8(ascii: "#"): text.append(contentsOf: subject.utf8)
            case UInt8(ascii: "~"): text.append(contentsOf: String(percentage()).utf8)
            case UInt8(ascii: "@"): text.append(contentsOf: String(months()).utf8)
            default: text.append(byte)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Sentences until the text has at least that many bytes.
    mutating func paragraph(on subject: String, bytes: Int) -> String {
        var text = ""
        while text.utf8.count < bytes {
            if !text.isEmpty { text += " " }
            text += sentence(on: subject)
        }
        return text
    }

    mutating func percentage() -> Int { 5 + dice.pick(40) }

    mutating func months() -> Int { 2 + dice.pick(10) }
}
