using System.Globalization;
using VZaps.LoadTest.Bare;

// VZaps.LoadTest.Bare ADDRESS FILE MEBIBYTES: serves on the address; the file is overwritten from its start when it is full.
var (address, path, bytes) = (args[0], args[1], long.Parse(args[2], CultureInfo.InvariantCulture) << 20);
using var segment = new RecycledSegment(path, bytes);
var topics = new Topics();
using var writer = new GroupWriter(segment);
var publish = new PublishRoute(topics, writer);
var subscribe = new SubscribeRoute(topics, segment, writer, new AckTotal());

var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
builder.WebHost.UseKestrelCore().UseUrls(address);
builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
var app = builder.Build();
app.Run(context => context.Request.Method == HttpMethods.Post ? publish.HandleAsync(context) : subscribe.HandleAsync(context));
await app.RunAsync();
