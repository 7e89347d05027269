using System.Reflection;
using System.Text;
using VZaps;

namespace SdkReference;

/// <summary>The whole reference: packages, their types, their documented members.</summary>
public static class Reference
{
    // Of the protocol only what every program with the SDK sees; the rest is for those who write a server.
    private static readonly (Assembly Assembly, string Title)[] Packages =
    [
        (typeof(VZapsClient).Assembly, "VZaps.Client"),
        (typeof(VZapsBuilder).Assembly, "VZaps.Client.Hosting"),
        (typeof(VZapsWebhookEndpointExtensions).Assembly, "VZaps.Client.AspNetCore"),
        (typeof(VZaps.Client.Testing.FakeGateway).Assembly, "VZaps.Client.Testing"),
        (typeof(EventType).Assembly, "VZaps.Protocol"),
    ];

    /// <summary>The Markdown text.</summary>
    public static string Write()
    {
        var text = new StringBuilder();
        text.Append("""
            # SDK reference

            Made of the XML docs of the packages by `dotnet run -c Release --project tools/SdkReference -- docs/sdk-reference.md`; do not edit it. The guide is [guide.md](guide.md).


            """);
        var packages = Packages.Select(package => (package.Title, Docs: XmlDocs.Of(package.Assembly), Types: TypesOf(package.Assembly))).ToList();
        foreach (var (title, _, types) in packages)
            text.Append($"- `{title}`: {string.Join(", ", types.Select(type => $"[{Heading(type)}](#{Anchor(type)})"))}\n");
        foreach (var (title, docs, types) in packages)
        {
            text.Append($"\n## {title}\n");
            foreach (var type in types)
                WriteType(text, type, docs);
        }

        return text.ToString();
    }

    private static List<Type> TypesOf(Assembly assembly) =>
        [.. assembly.GetExportedTypes().Where(type => type.Namespace is "VZaps" or "VZaps.Client.Testing").OrderBy(type => type.Name, StringComparer.Ordinal).ThenBy(type => type.GetGenericArguments().Length)];

    // Markdown takes <T> for a tag of HTML.
    private static string Heading(Type type) => Signature.TypeName(type).Replace("<", "\\<", StringComparison.Ordinal);

    // As GitHub makes it of a heading: lower case, and no angle brackets or commas.
    private static string Anchor(Type type) =>
        string.Concat(Signature.TypeName(type).ToLowerInvariant().Where(character => char.IsLetterOrDigit(character) || character is '-' or ' ')).Replace(' ', '-');

    private static void WriteType(StringBuilder text, Type type, XmlDocs docs)
    {
        text.Append($"\n### {Heading(type)}\n\n`{Signature.Of(type)}`\n\n");
        var own = docs.Find(DocId.Of(type));
        Paragraph(text, own?.Summary);
        Paragraph(text, own?.Remarks);
        if (type.IsEnum)
        {
            foreach (var field in type.GetFields(BindingFlags.Public | BindingFlags.Static))
                text.Append($"- `{field.Name}`: {docs.Find(DocId.Of(field))?.Summary}\n");
            return;
        }

        var members = type.GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
            .Where(member => member is ConstructorInfo or PropertyInfo or EventInfo or FieldInfo or MethodInfo { IsSpecialName: false })
            .OrderBy(member => member is ConstructorInfo ? 0 : member is MethodInfo ? 2 : 1).ThenBy(member => member.Name, StringComparer.Ordinal).ThenBy(member => DocId.Of(member), StringComparer.Ordinal);
        foreach (var member in members)
        {
            if (docs.Find(DocId.Of(member)) is { } entry)
                WriteMember(text, member, entry);
        }
    }

    private static void WriteMember(StringBuilder text, MemberInfo member, DocEntry entry)
    {
        text.Append($"- `{Signature.Of(member)}`\n");
        foreach (var part in new[] { entry.Summary, entry.Value, entry.Remarks }.Where(part => part.Length > 0))
            text.Append($"  {part}\n");
        foreach (var (name, what) in entry.Parameters)
            text.Append($"  - `{name}`: {what}\n");
        if (entry.Returns.Length > 0)
            text.Append($"  - gives: {entry.Returns}\n");
        foreach (var (name, what) in entry.Exceptions)
            text.Append($"  - throws `{name}`: {what}\n");
    }

    private static void Paragraph(StringBuilder text, string? part)
    {
        if (!string.IsNullOrEmpty(part))
            text.Append($"{part}\n\n");
    }
}
