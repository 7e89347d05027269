namespace VZaps.Cli.Demo.Phone;

/// <summary>What is said. An exchange is a question and the owner's answer to it.</summary>
internal static class Lines
{
    public static IReadOnlyList<(string Question, string Answer)> Exchanges { get; } =
    [
        ("Are we still on for Thursday?", "Yes! 19:30 at my place."),
        ("Did the parcel arrive?", "This morning, thank you so much 📦"),
        ("Can you send me the address again?", "12 Harbour Lane, the blue door."),
        ("I am ten minutes late, sorry", "No hurry, the coffee is still brewing ☕"),
        ("Which chapter are we discussing?", "Up to chapter nine, no spoilers please."),
        ("Is the invoice from March paid?", "Paid on Monday, I will forward the receipt."),
        ("Could you water my plants next week?", "Of course, leave the key with Devi."),
        ("What was that song called?", "\"Águas de Março\", the 1974 recording."),
    ];

    public static IReadOnlyList<string> Captions { get; } =
    [
        "The table is set 🍝",
        "Look who found the reading chair",
        "This month's pick",
        "View from the train",
    ];

    public static IReadOnlyList<string> GroupTalk { get; } =
    [
        "Welcome! We meet every other Thursday.",
        "I will bring the wine.",
        "Has anybody seen my copy of \"Dom Casmurro\"?",
        "Votes for the next book until Sunday, please.",
    ];
}
