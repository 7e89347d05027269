using VZaps.Gateway.Http;
using VZaps.Gateway.Log;
using VZaps.Protocol.Http;

namespace VZaps.Gateway.Operations;

/// <summary>How the gateway is.</summary>
internal sealed record HealthAnswer(string Status);

/// <summary><c>/health/live</c>: the process answers. <c>/health/ready</c>: it should be sent clients.</summary>
internal static class HealthRoutes
{
    public static void MapHealthRoutes(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health/live", () => Answers.Bare(new HealthAnswer("live")))
            .WithTags("Operations").WithSummary("Whether the process answers.").Produces<HealthAnswer>();
        routes.MapGet("/health/ready", Ready)
            .WithTags("Operations").WithSummary("Whether the gateway takes connections and events.").Produces<HealthAnswer>().ProducesProblems(503);
    }

    private static IResult Ready(DrainState drain, IServiceProvider services)
    {
        if (drain.IsDraining)
            return Unready(HttpProblems.Draining(drain.RetryAfter));
        return services.GetService<IEventLog>()?.Unwritable is { } reason
            ? Unready(new Problem(503, "log_unwritable", $"No events can be taken: {reason}"))
            : Answers.Bare(new HealthAnswer("ready"));
    }

    // Not thrown as a problem: it is asked every second, and would be a line of the log each time.
    private static IResult Unready(Problem problem) =>
        Answers.Bare(new ErrorAnswer { Code = problem.Status, Error = problem.Code, Message = problem.Message }, problem.Status);
}
