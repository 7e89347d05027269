using System.Text.Json;
using Microsoft.Net.Http.Headers;
using VZaps.Protocol.Http;

namespace VZaps.Gateway.Http;

/// <summary>Gives every 4xx and 5xx answer the one shape of the contract, wherever in the pipeline it was decided.</summary>
internal sealed partial class ProblemWriter(RequestDelegate next, HttpMetrics metrics, ILogger<ProblemWriter> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
            var response = context.Response;
            if (response.StatusCode >= 400 && !response.HasStarted && response is { ContentLength: null, ContentType: null })
                await WriteAsync(context, OfStatus(context));
        }
        catch (ProblemException refusal)
        {
            await RefuseAsync(context, refusal.Problem);
        }
        catch (BadHttpRequestException refusal)
        {
            await RefuseAsync(context, HttpProblems.BadRequest(refusal.StatusCode));
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            LogAborted(logger, context.Request.Method, context.Request.Path);
        }
        catch (Exception failure) when (FullDatabase.IsReasonOf(failure))
        {
            await RefuseAsync(context, HttpProblems.StorageFull);
        }
        catch (Exception failure)
        {
            LogFailure(logger, failure, context.Request.Method, context.Request.Path, context.TraceIdentifier);
            if (context.Response.HasStarted)
                context.Abort();
            else
                await WriteAsync(context, HttpProblems.Internal(context.TraceIdentifier));
        }
    }

    private async Task RefuseAsync(HttpContext context, Problem problem)
    {
        if (context.Response.HasStarted)
        {
            // Half an answer must not look like a whole one.
            context.Abort();
            return;
        }

        await WriteAsync(context, problem);
    }

    private Task WriteAsync(HttpContext context, Problem problem)
    {
        var request = context.Request;
        metrics.Refused(problem);
        if (problem.Status >= 500)
            LogUnable(logger, problem.Status, problem.Code, request.Method, request.Path, context.TraceIdentifier);
        else
            LogRefusal(logger, problem.Status, problem.Code, request.Method, request.Path, context.TraceIdentifier);
        var response = context.Response;
        // Headers that were set for the answer that is not given stay out; those of every answer (request id, CORS) stay.
        response.StatusCode = problem.Status;
        if (problem.RetryAfter is { } retryAfter)
            response.Headers[HeaderNames.RetryAfter] = ((long)Math.Ceiling(retryAfter.TotalSeconds)).ToString();
        if (problem.Status == StatusCodes.Status401Unauthorized)
            response.Headers[HeaderNames.WWWAuthenticate] = "Bearer";
        response.ContentType = "application/json; charset=utf-8";
        var body = JsonSerializer.SerializeToUtf8Bytes(
            new ErrorAnswer { Code = problem.Status, Error = problem.Code, Message = problem.Message, Index = problem.Index },
            ProtocolJson.Default.ErrorAnswer);
        response.ContentLength = body.Length;
        return HttpMethods.IsHead(request.Method) ? Task.CompletedTask : response.Body.WriteAsync(body).AsTask();
    }

    private static Problem OfStatus(HttpContext context) => context.Response.StatusCode switch
    {
        404 => HttpProblems.NotFound(context.Request.Method, context.Request.Path),
        405 => HttpProblems.MethodNotAllowed(context.Request.Method, context.Response.Headers.Allow),
        415 => HttpProblems.UnsupportedMediaType(context.Request.ContentType),
        var status => HttpProblems.OfStatus(status),
    };

    [LoggerMessage(1001, LogLevel.Information, "Refused {Method} {Path} with {Status} {Code} (request {RequestId}).")]
    private static partial void LogRefusal(ILogger logger, int status, string code, string method, string path, string requestId);

    [LoggerMessage(1002, LogLevel.Warning, "Could not serve {Method} {Path}: {Status} {Code} (request {RequestId}).")]
    private static partial void LogUnable(ILogger logger, int status, string code, string method, string path, string requestId);

    [LoggerMessage(1003, LogLevel.Error, "Failed at {Method} {Path} (request {RequestId}).")]
    private static partial void LogFailure(ILogger logger, Exception failure, string method, string path, string requestId);

    [LoggerMessage(1004, LogLevel.Debug, "The client went away during {Method} {Path}.")]
    private static partial void LogAborted(ILogger logger, string method, string path);
}
