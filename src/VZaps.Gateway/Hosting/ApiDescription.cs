using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Scalar.AspNetCore;
using VZaps.Gateway.Http;
using VZaps.Gateway.Instances;

namespace VZaps.Gateway.Hosting;

/// <summary>The contract as an OpenAPI document, made of the routes, and the page that shows it.</summary>
internal static class ApiDescription
{
    public static IServiceCollection AddApiDescription(this IServiceCollection services) => services
        .ConfigureHttpJsonOptions(json => json.SerializerOptions.PropertyNamingPolicy = System.Text.Json.JsonNamingPolicy.SnakeCaseLower)
        .AddOpenApi("v1", options =>
        {
            options.AddDocumentTransformer((document, _, _) => DescribeAsync(document));
            options.AddOperationTransformer(RequireCredentialsAsync);
            options.AddSchemaTransformer(DescribeEventNamesAsync);
        });

    public static void MapApiDescription(this IEndpointRouteBuilder routes)
    {
        routes.MapOpenApi();
        // Everything that the page needs is served from here: it has to work where there is no internet.
        routes.MapScalarApiReference("/docs", options => options
            .WithTitle("VZaps gateway").DisableDefaultFonts().DisableTelemetry().DisableAgent().DisableMcp());
    }

    private static Task DescribeAsync(OpenApiDocument document)
    {
        document.Info = new OpenApiInfo
        {
            Title = "VZaps gateway",
            Version = "v1",
            Description = "Bodies and queries are taken in snake_case and camelCase; answers are snake_case. Every 4xx and 5xx answer is an ErrorAnswer.",
        };
        var components = document.Components ??= new OpenApiComponents();
        components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
        {
            [CredentialRequirement.AccessToken] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http, Scheme = "bearer", BearerFormat = "JWT", Description = "The account's access token, of POST /token.",
            },
            [CredentialRequirement.ClientToken] = Header("X-Client-Token", "The account's public token."),
            [CredentialRequirement.InstanceToken] = Header("X-Instance-Token", "The instance's secret."),
        };
        return Task.CompletedTask;
    }

    private static OpenApiSecurityScheme Header(string name, string description) =>
        new() { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Header, Name = name, Description = description };

    private static Task RequireCredentialsAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var requirement = context.Description.ActionDescriptor.EndpointMetadata.OfType<CredentialRequirement>().FirstOrDefault();
        if (requirement is not null)
        {
            operation.Security = [.. requirement.Alternatives.Select(schemes =>
            {
                var together = new OpenApiSecurityRequirement();
                foreach (var scheme in schemes)
                    together.Add(new OpenApiSecuritySchemeReference(scheme, context.Document), []);
                return together;
            })];
        }

        return Task.CompletedTask;
    }

    private static Task DescribeEventNamesAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        if (context.JsonTypeInfo.Type == typeof(EventNames))
        {
            schema.Type = JsonSchemaType.Array;
            schema.Items = new OpenApiSchema { Type = JsonSchemaType.String };
            schema.Description = $"An array, or one comma-separated string, of {EventType.Names} or All.";
        }

        return Task.CompletedTask;
    }
}
