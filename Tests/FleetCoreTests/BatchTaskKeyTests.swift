import FleetCore
import JSON
import Testing

/// What makes a task of a batch the same one.
@Suite struct BatchTaskKeyTests {
    private func hex(_ text: String) -> String {
        SHA256.hash(Array(text.utf8)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// FIPS 180-4's examples, and lengths around the end of a block.
    @Test func theHashIsSHA256() {
        #expect(hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(
            hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")
                == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
        #expect(
            hex(String(repeating: "a", count: 1_000))
                == "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3")
    }

    @Test func theSameContentIsTheSameHoweverItIsWritten() throws {
        func submission(_ text: String) throws -> TaskSubmission { try .validate(try JSONValue(parsing: text)) }
        let one = try submission(
            #"{"title":"t","description":"01234567890123456789","context":{"a":1,"b":{"x":1,"y":2}}}"#)
        let other = try submission(
            #"{ "context": {"b":{"y":2,"x":1},"a":1}, "description":"01234567890123456789","priority":"medium","title":"t"}"#
        )
        #expect(BatchTaskKey.content(one) == BatchTaskKey.content(other))
        var named = one
        named.customID = "1"
        let keys = [
            BatchTaskKey(user: "u", batch: "b", one, occurrence: 1),
            BatchTaskKey(user: "u", batch: "b", one, occurrence: 2),
            BatchTaskKey(user: "ub", batch: "", one, occurrence: 1),
            BatchTaskKey(user: "u", batch: "c", one, occurrence: 1),
            BatchTaskKey(user: "u", batch: "b", named, occurrence: 1),
        ]
        for prefix in [nil, TimedID.start("task_", at: 1)] {
            let ids = keys.map { $0.id(after: prefix) }
            #expect(Set(ids).count == ids.count)
            #expect(ids.allSatisfy { $0.hasPrefix("task_") && $0.utf8.count == 25 })
        }
        #expect(BatchTaskKey(user: "u", batch: "b", named, occurrence: 9) == keys.last, "the name is enough")
    }

    /// Of batches that were made before ids had a time: what is handed in again is found under the old ids.
    @Test func theOldIdsStayWhatTheyWere() throws {
        var task = TaskSubmission(title: "t", description: "01234567890123456789")
        let old = BatchTaskKey(user: "u", batch: "b", task, occurrence: 1)
        #expect(old.id(after: nil) == "task_xwjiufrk45nt7nuogw3b")
        task.customID = "1"
        #expect(BatchTaskKey(user: "u", batch: "b", task, occurrence: 1).id(after: nil) == "task_pkazmsb4kpcll2k73xfo")
    }

    @Test func equalTasksAreToldApartByTheirNumber() {
        var counter = OccurrenceCounter()
        let task = TaskSubmission(title: "t", description: "d")
        var other = task
        other.title = "u"
        #expect(counter.next(task, user: "u", batch: "b") == 1)
        #expect(counter.next(other, user: "u", batch: "b") == 1)
        #expect(counter.next(task, user: "u", batch: "b") == 2)
        #expect(counter.next(task, user: "v", batch: "b") == 1 && counter.next(task, user: "u", batch: "c") == 1)
        #expect(counter.next(task, user: "u", batch: nil) == nil)
        other.customID = "x"
        #expect(counter.next(other, user: "u", batch: "b") == nil)
    }
}
