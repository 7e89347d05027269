using VZaps.Gateway.Http;

namespace VZaps.Gateway.Instances;

/// <summary>Refusals that concern an instance.</summary>
internal static class InstanceProblems
{
    public static Problem InvalidId { get; } = new(400, "invalid_instance_id",
        "The instance id is not of the form VZ and 32 of A-Z0-9.");

    public static Problem NotFound(InstanceId id) => new(404, "instance_not_found",
        $"This account has no instance {id}. POST /instances/list lists those it has.");

    public static Problem TokenMissing { get; } = new(401, "credential_missing",
        "This route needs the instance token too: send it as X-Instance-Token.");

    public static Problem CredentialMissing { get; } = new(401, "credential_missing",
        "This route needs the owner's access token (Authorization: Bearer), or the instance token (X-Instance-Token) together with the client token (X-Client-Token).");

    public static Problem InvalidToken { get; } = new(401, "invalid_instance_token",
        "The instance token is not that of this instance, or was voided by a new one.");

    public static Problem UnknownEventType(string given) => new(400, "unknown_event_type",
        $"'{Shown(given)}' is not an event type. Use one of: {EventType.Names}, or All.");

    public static Problem InvalidName(int length, int min, int max) => new(400, "invalid_name",
        $"'name' has {length} characters; give {min} to {max}.");

    public static Problem InvalidWebhook(int maxLength) => new(400, "invalid_webhook",
        $"'webhook' is not an absolute http or https URL of at most {maxLength} characters.");

    public static Problem InvalidLabels(int max, int maxName, int maxValue) => new(400, "invalid_labels",
        $"'labels' is an object of at most {max} texts; names have 1 to {maxName} characters, values at most {maxValue}.");

    public static Problem InvalidPage(int page, int size) => new(400, "invalid_page",
        $"page {page} of size {size} cannot be given: pages count from 1, and size is 1 to {InstanceListing.MaxSize}.");

    public static Problem UnknownSort(string given) => new(400, "unknown_sort",
        $"'{Shown(given)}' is no column to sort by. Use one of: {InstanceListing.SortColumns}.");

    // As much of what was given as helps to find it.
    private static string Shown(string given) => given.Length <= 64 ? given : given[..64] + "…";
}
