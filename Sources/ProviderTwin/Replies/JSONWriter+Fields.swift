import JSON

extension JSONWriter {
    mutating func field(_ name: String, _ text: String) {
        key(name)
        write(text)
    }

    mutating func field(_ name: String, _ number: Int) {
        key(name)
        write(number)
    }

    mutating func field(_ name: String, _ texts: [String]) {
        key(name)
        array { list in
            for text in texts { list.write(text) }
        }
    }

    /// The text, or null.
    mutating func optional(_ name: String, _ text: String?) {
        key(name)
        if let text { write(text) } else { writeNull() }
    }

    /// A number given in hundredths, written without trailing zeros: 75 is 0.75, 820 is 8.2, 900 is 9.
    mutating func write(hundredths number: Int) {
        let fraction = number % 100
        let digits = fraction % 10 == 0 ? "\(fraction / 10)" : fraction < 10 ? "0\(fraction)" : "\(fraction)"
        write(json: fraction == 0 ? "\(number / 100)" : "\(number / 100).\(digits)")
    }
}
