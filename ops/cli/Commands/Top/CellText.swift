/// Text in the cells of a terminal: what it takes there, and how it is cut and padded.
///
/// A character of several scalars counts as all of them together: terminals that draw it narrower leave a gap, none draws
/// it wider.
enum CellText {
    static func width(_ text: some StringProtocol) -> Int {
        text.unicodeScalars.reduce(0) { $0 + width($1) }
    }

    /// Exactly so many cells, foreign text made harmless; what does not fit ends with a sign that there was more.
    static func fit(_ text: String, _ width: Int, isRight: Bool = false) -> String {
        guard width > 0 else { return "" }
        let clean = PlainText.line(text)
        let taken = Self.width(clean)
        if taken <= width {
            let space = String(repeating: " ", count: width - taken)
            return isRight ? space + clean : clean + space
        }
        var (kept, cells) = ("", 0)
        for character in clean {
            let next = Self.width(String(character))
            guard cells + next < width else { break }
            kept.append(character)
            cells += next
        }
        return kept + "…" + String(repeating: " ", count: width - cells - 1)
    }

    /// Lines of at most so many cells, with the lines of the text.
    static func wrapped(_ text: String, _ width: Int) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).flatMap { line -> [String] in
            var (lines, cells) = ([""], 0)
            for character in PlainText.line(String(line)) {
                let next = Self.width(String(character))
                if cells + next > width {
                    lines.append("")
                    cells = 0
                }
                lines[lines.count - 1].append(character)
                cells += next
            }
            return lines
        }
    }

    private static func width(_ scalar: Unicode.Scalar) -> Int {
        // U+FE0F asks for the coloured form of a narrow sign, which is a wide one.
        if scalar.value == 0xFE0F { return 1 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format, .control: return 0
        default: return isWide(scalar) ? 2 : 1
        }
    }

    /// The wide and full-width blocks of Unicode's East Asian Width, and signs that are drawn as emoji.
    private static func isWide(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case ..<0x1100: false
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,
            0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF00...0xFF60,
            0xFFE0...0xFFE6, 0x16FE0...0x18CFF, 0x1AFF0...0x1B2FF, 0x1F200...0x1F2FF, 0x20000...0x3FFFD:
            true
        default: scalar.properties.isEmojiPresentation
        }
    }
}
