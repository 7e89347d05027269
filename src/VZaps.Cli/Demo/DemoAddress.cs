namespace VZaps.Cli.Demo;

/// <summary>How to reach the demo: its gateway, its instance, and the credentials of its temporary account.</summary>
internal sealed record DemoAddress(Uri Gateway, string ClientToken, string ClientSecret, string InstanceId, string InstanceToken);
