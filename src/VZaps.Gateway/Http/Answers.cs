namespace VZaps.Gateway.Http;

/// <summary>The shape in which instance routes answer: <c>{"code","success":true,"data"}</c>.</summary>
internal sealed record DataAnswer<T>(int Code, bool Success, T Data);

/// <summary>Answers of routes. Account routes give the bare object, instance routes wrap it.</summary>
internal static class Answers
{
    public static IResult Bare<T>(T value, int status = StatusCodes.Status200OK) => Results.Json(value, WireJson.Options, statusCode: status);

    public static IResult Data<T>(T data, int status = StatusCodes.Status200OK) =>
        Results.Json(new DataAnswer<T>(status, true, data), WireJson.Options, statusCode: status);
}
