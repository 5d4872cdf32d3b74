import Foundation
import JSON
import Testing

struct JSONWriterTests {
    private static let nasty = (0..<0x80).map { String(Unicode.Scalar(UInt8($0))) }.joined() + "é😀\u{2028}"

    @Test func everythingIsEscapedThatHasToBe() throws {
        var json = JSONWriter()
        json.object { json in
            json.key(Self.nasty)
            json.write(Self.nasty)
            json.key("bytes")
            json.write(utf8: Self.nasty.utf8)
            json.key("sparse")
            // No contiguous storage.
            json.write(utf8: Self.nasty.utf8.lazy.map { $0 })
        }
        let object = try JSONSerialization.jsonObject(with: Data(json.bytes)) as? [String: String]
        #expect(object == [Self.nasty: Self.nasty, "bytes": Self.nasty, "sparse": Self.nasty])
    }

    @Test func commasAreWhereTheyBelongBesideRawText() {
        var json = JSONWriter()
        json.append(raw: "data: ")
        json.beginObject()
        json.key("a")
        json.write(1)
        json.append(raw: #","b":"#)
        json.write(true)
        json.append(raw: #","c":[{"#)
        json.key("d")
        json.beginArray()
        json.endArray()
        json.append(raw: "}]".utf8)
        json.key("e")
        json.writeNull()
        json.endObject()
        json.append(raw: "\n\n")
        json.write("next")
        #expect(json.text == #"data: {"a":1,"b":true,"c":[{"d":[]}],"e":null}"# + "\n\n" + #""next""#)
    }

    @Test func closuresKeepBracketsBalanced() {
        var writer = JSONWriter()
        writer.object { object in
            object.key("a")
            object.array { array in
                array.write(1)
                array.write(0.5)
                array.write(Double.infinity)
                array.object { _ in }
                array.array { _ in }
                array.write(json: "[2]")
            }
            object.key("b")
            object.write(false)
            object.key("c")
            object.writeNull()
        }
        #expect(writer.text == #"{"a":[1,0.5,null,{},[],[2]],"b":false,"c":null}"#)
    }
}
