import FleetTesting
import Testing

@testable import Execution

/// How texts are spelled in prompts.
@Suite struct PromptElementTests {
    /// As it reads: line by line. By scalars, because a carriage return and a line feed are one character.
    private static func plainly(_ text: String) -> String {
        text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            var line = line
            while let last = line.last, " \t\r".unicodeScalars.contains(last) { line.removeLast() }
            return String(line)
        }.joined(separator: "\n")
    }

    @Test func oneTextHasOneSpelling() {
        let pieces = [
            " ", "\t", "\r", "\n", "\r\n", "a", "é", "e\u{301}", " \u{301}", "\n\u{301}", "🏳️‍🌈", "<", "&", "\u{85}",
        ]
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<5_000 {
            let text = (0..<Int.random(in: 0...12, using: &generator)).map { _ in
                pieces.randomElement(using: &generator) ?? ""
            }.joined()
            let spelled = PromptElement("t", text: text).text
            #expect(Array(spelled.utf8) == Array(Self.plainly(text).utf8), "\(text.debugDescription)")
            #expect(PromptElement("t", text: spelled).text.utf8.elementsEqual(spelled.utf8))
        }
    }

    @Test func theSizeIsThatOfWhatIsWritten() {
        let texts = ["", "a", "<&>\"", "é \n x", String(repeating: "<b>&</b>", count: 300)]
        for text in texts {
            for value in texts {
                let element = PromptElement(
                    "tag", [("name", value)], text: text, children: [PromptElement("child", text: text)])
                #expect(element.rendered.utf8.count == element.size)
            }
        }
        let element = PromptElement("t", [("a", "1 < 2 & \"x\"\n")], text: "<b> & \"c\"")
        #expect(element.rendered == "<t a=\"1 &lt; 2 &amp; 'x' \">&lt;b&gt; &amp; \"c\"</t>")
    }
}
