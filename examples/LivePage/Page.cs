namespace LivePage;

internal static class Page
{
    // Text goes in as text: what somebody wrote must not become markup.
    public const string Html = """
        <!doctype html><html lang="en"><meta charset="utf-8"><title>Live</title>
        <h1>Live</h1><ul id="list"></ul>
        <script>
          new EventSource("/live").onmessage = e => {
            const line = document.createElement("li");
            line.textContent = e.data;
            document.getElementById("list").prepend(line);
          };
        </script></html>
        """;
}
