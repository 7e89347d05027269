namespace SdkReference;

/// <summary>What the XML docs say of one type or member, as Markdown on one line each; empty where nothing.</summary>
internal sealed record DocEntry(
    string Summary,
    string Value,
    string Remarks,
    string Returns,
    IReadOnlyList<(string Name, string What)> Parameters,
    IReadOnlyList<(string Name, string What)> Exceptions);
