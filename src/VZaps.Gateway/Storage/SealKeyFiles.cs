using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.Options;

namespace VZaps.Gateway.Storage;

/// <summary>The files of the keys that seal secrets in the database, in a folder of the data folder that its owner alone may look into.</summary>
internal sealed class SealKeyFiles(DataFolder folder) : IXmlRepository, IConfigureOptions<KeyManagementOptions>
{
    private const string Folder = "keys", Extension = ".xml";

    public void Configure(KeyManagementOptions options) => options.XmlRepository = this;

    public IReadOnlyCollection<XElement> GetAllElements() =>
        [.. Directory.EnumerateFiles(Open().Path, "*" + Extension).Order(StringComparer.Ordinal).Select(path => XElement.Load(path))];

    // The name is the framework's, a word and a guid.
    public void StoreElement(XElement element, string friendlyName) =>
        Open().WriteFileAtOnce(friendlyName + Extension, System.Text.Encoding.UTF8.GetBytes(element.ToString()));

    private DataFolder Open() => new(folder.PathOf(Folder));
}
