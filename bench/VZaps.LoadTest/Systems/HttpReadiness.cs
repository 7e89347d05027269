namespace VZaps.LoadTest.Systems;

/// <summary>Whether a server answers yet.</summary>
internal static class HttpReadiness
{
    public static async Task<bool> IsReadyAsync(HttpClient http, string path)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri(path, UriKind.Relative));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
