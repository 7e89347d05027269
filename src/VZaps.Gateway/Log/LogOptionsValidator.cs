using Microsoft.Extensions.Options;

namespace VZaps.Gateway.Log;

/// <summary>Names every mistake in section <c>Log</c>, with the key as the operator typed it.</summary>
internal sealed class LogOptionsValidator : IValidateOptions<LogOptions>
{
    private const long MiB = 1L << 20;
    private const long GiB = 1L << 30;
    private static readonly TimeSpan MinAge = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan MaxAge = TimeSpan.FromDays(3_650);

    public ValidateOptionsResult Validate(string? name, LogOptions options)
    {
        var errors = new ValidateOptionsResultBuilder();
        if (options.Engine is not ("segments" or "memory"))
            errors.AddError($"'{options.Engine}' is no engine; give segments or memory.", "Log:Engine");
        if (options.RetentionAge < MinAge || options.RetentionAge > MaxAge)
            errors.AddError($"{options.RetentionAge} is out of range; give {MinAge} to {MaxAge}.", "Log:RetentionAge");
        if (options.SegmentBytes is < 16 * MiB or > GiB)
            errors.AddError($"{options.SegmentBytes} is out of range; give {16 * MiB} to {GiB} bytes.", "Log:SegmentBytes");
        if (options.RetentionBytes != 0 && options.RetentionBytes / 2 < options.SegmentBytes)
            errors.AddError($"{options.RetentionBytes} is out of range; give 0, or 2 segments ({2 * options.SegmentBytes} bytes) and up.", "Log:RetentionBytes");
        if (options.InstanceRetentionBytes < 16 * MiB)
            errors.AddError($"{options.InstanceRetentionBytes} is out of range; give {16 * MiB} bytes and up.", "Log:InstanceRetentionBytes");
        if (!Enum.IsDefined(options.WhenFull))
            errors.AddError($"{options.WhenFull} is no policy; give TrimOldest or Refuse.", "Log:WhenFull");
        return errors.Build();
    }
}
