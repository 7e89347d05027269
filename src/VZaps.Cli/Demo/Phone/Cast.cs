namespace VZaps.Cli.Demo.Phone;

/// <summary>Who talks to whom. The numbers are of the range that is kept free for fiction.</summary>
internal static class Cast
{
    /// <summary>The owner of the simulated phone.</summary>
    public static Contact Owner { get; } = new("Nina Prado", "12025550100@s.whatsapp.net");

    /// <summary>The people who write to the owner.</summary>
    public static IReadOnlyList<Contact> People { get; } =
    [
        new("Ana Souza", "12025550111@s.whatsapp.net"),
        new("Bruno Lima", "12025550122@s.whatsapp.net"),
        new("Chloé Martin", "12025550133@s.whatsapp.net"),
        new("Devi Rao", "12025550144@s.whatsapp.net"),
    ];

    /// <summary>Who joins the group for a while.</summary>
    public static IReadOnlyList<Contact> Guests { get; } =
    [
        new("Emre Aksoy", "12025550155@s.whatsapp.net"),
        new("Freya Holm", "12025550166@s.whatsapp.net"),
        new("Goran Babić", "12025550177@s.whatsapp.net"),
    ];

    /// <summary>The group that all of them share.</summary>
    public static Contact Group { get; } = new("Book club", "120363025550199@g.us");

    /// <summary>The name behind an address; the number where it is nobody of these.</summary>
    public static string NameOf(string jid)
    {
        var known = People.Concat(Guests).Append(Owner).Append(Group).FirstOrDefault(contact => contact.Jid == jid);
        return known?.Name ?? jid.Split('@')[0];
    }
}
