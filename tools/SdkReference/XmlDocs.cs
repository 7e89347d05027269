using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace SdkReference;

/// <summary>The XML file beside an assembly.</summary>
internal sealed partial class XmlDocs(Dictionary<string, XElement> members)
{
    public static XmlDocs Of(Assembly assembly) => new(XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml"))
        .Descendants("member").ToDictionary(member => (string)member.Attribute("name")!, StringComparer.Ordinal));

    /// <summary>What is said of it; null where nothing.</summary>
    public DocEntry? Find(string id) => Resolve(id) is { } member ? new DocEntry(
        Text(member, "summary"), Text(member, "value"), Text(member, "remarks"), Text(member, "returns"),
        [.. member.Elements("param").Select(parameter => ((string)parameter.Attribute("name")!, Markdown(parameter)))],
        [.. member.Elements("exception").Select(thrown => (ShortName((string)thrown.Attribute("cref")!), Markdown(thrown)))]) : null;

    /// <summary>What a member inherits stands where it is inherited from; what it says itself wins.</summary>
    private XElement? Resolve(string id)
    {
        if (!members.TryGetValue(id, out var member))
            return null;
        if (member.Element("inheritdoc")?.Attribute("cref") is not { } from || Resolve(from.Value) is not { } inherited)
            return member;
        var both = new XElement(inherited);
        foreach (var own in member.Elements().Where(own => own.Name != "inheritdoc"))
        {
            var name = (string?)own.Attribute("name");
            both.Elements(own.Name).Where(other => (string?)other.Attribute("name") == name).Remove();
            both.Add(own);
        }

        return both;
    }

    private static string Text(XElement member, string part) => member.Element(part) is { } element ? Markdown(element) : "";

    private static string Markdown(XElement element) => Spaces().Replace(string.Concat(element.Nodes().Select(Markdown)), " ").Trim();

    private static string Markdown(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "see" or "seealso" } see => $"`{(see.Attribute("cref") is { } cref ? ShortName(cref.Value) : (string?)see.Attribute("langword"))}`",
        XElement { Name.LocalName: "paramref" or "typeparamref" } reference => $"`{(string)reference.Attribute("name")!}`",
        XElement { Name.LocalName: "c" or "code" } code => $"`{code.Value}`",
        XElement { Name.LocalName: "inheritdoc" } => "",
        XElement other => Markdown(other) + " ",
        _ => "",
    };

    /// <summary>The last name of a reference, with its type where it is a member: <c>EventSubscription.CloseAsync</c>.</summary>
    private static string ShortName(string cref)
    {
        var name = Arity().Replace(cref[(cref.IndexOf(':', StringComparison.Ordinal) + 1)..].Split('(')[0], "");
        var parts = name.Split('.');
        return cref[0] == 'T' || parts.Length < 2 ? parts[^1] : $"{parts[^2]}.{parts[^1]}".Replace(".#ctor", "", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"\s+", RegexOptions.None, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Spaces();

    [GeneratedRegex("`+[0-9]+", RegexOptions.None, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Arity();
}
