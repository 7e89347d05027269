using Spectre.Console;

namespace VZaps.Cli.Screen;

/// <summary>A table: with rules on a terminal, bare columns in a pipe, where the next program wants words.</summary>
internal sealed class Listing
{
    private readonly Table _table;

    /// <param name="isTerminal">Whether a person reads it.</param>
    /// <param name="names">The columns; one that begins with <c>#</c> holds numbers.</param>
    public Listing(bool isTerminal, params ReadOnlySpan<string> names)
    {
        _table = new Table { Border = isTerminal ? TableBorder.Simple : TableBorder.None, UseSafeBorder = false };
        foreach (var name in names)
        {
            var isNumber = name.StartsWith('#');
            var column = new TableColumn(new Text(name.TrimStart('#'), new Style(decoration: Decoration.Bold))) { NoWrap = true, Padding = new Padding(0, 0, 2, 0) };
            _table.AddColumn(isNumber ? column.RightAligned() : column);
        }
    }

    public bool IsEmpty => _table.Rows.Count == 0;

    /// <summary>Adds a row. The cells may hold anybody's text.</summary>
    public void Add(params ReadOnlySpan<string?> cells)
    {
        var row = new List<Text>(cells.Length);
        foreach (var cell in cells)
            row.Add(new Text(string.IsNullOrEmpty(cell) ? "-" : PlainText.Of(cell)));
        _table.AddRow(row);
    }

    public void WriteTo(IAnsiConsole console) => console.Write(_table);
}
