using System.Globalization;
using System.Runtime.InteropServices;

namespace VZaps.LoadTest.Results;

/// <summary>Where it was measured.</summary>
internal static class Machine
{
    public static string Describe(string folder)
    {
        var processor = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim();
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1 << 30);
        return string.Create(CultureInfo.InvariantCulture,
            $"{DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC; {Environment.ProcessorCount} cores of {processor ?? "an unnamed processor"}, {memory:0.0} GiB, {DiskOf(folder)}; {RuntimeInformation.OSDescription}; {RuntimeInformation.FrameworkDescription}");
    }

    private static string DiskOf(string folder) => new DriveInfo(Path.GetFullPath(folder)).DriveFormat;
}
