import Commands

@main
struct App {
    static func main() async {
        await MixMyAI.main()
    }
}
