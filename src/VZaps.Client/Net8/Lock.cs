#if !NET9_0_OR_GREATER
// .NET 9 brought this type; under its name the same sources compile for .NET 8, where it is a plain monitor.
namespace System.Threading;

internal sealed class Lock
{
    private readonly object _gate = new();

    public Scope EnterScope()
    {
        Monitor.Enter(_gate);
        return new Scope(_gate);
    }

    public readonly ref struct Scope(object gate)
    {
        public void Dispose() => Monitor.Exit(gate);
    }
}
#endif
