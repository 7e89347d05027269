using System.Reflection;
using Microsoft.Extensions.Logging;

namespace VZaps.Client.Hosting.Tests;

public sealed class LogTests
{
    [Fact]
    public void No_two_lines_of_the_packages_have_one_event_id()
    {
        var ids = typeof(VZapsClient).Assembly.GetTypes()
            .Concat(typeof(VZapsBuilder).Assembly.GetTypes())
            .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>()?.EventId)
            .OfType<int>()
            .ToList();
        Assert.NotEmpty(ids);
        Assert.Equal(ids.Distinct().Order(), ids.Order());
    }
}
